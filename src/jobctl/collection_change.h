/* collection_change - the commands that make, change and drop collections */
#ifndef JOBCTL_COLLECTION_CHANGE_H
#define JOBCTL_COLLECTION_CHANGE_H

#include "jobctl.h"

extern const struct jobctl_command collection_create_command,
    collection_set_command, collection_drop_command, collection_copy_command;

#endif
