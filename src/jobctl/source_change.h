/* source_change - the commands that make, change and delete sources */
#ifndef JOBCTL_SOURCE_CHANGE_H
#define JOBCTL_SOURCE_CHANGE_H

#include "jobctl.h"

extern const struct jobctl_command source_add, source_set, source_delete;

#endif
