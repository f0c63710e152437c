/* source - the commands "pl-jobctl source ..." */
#ifndef JOBCTL_SOURCE_H
#define JOBCTL_SOURCE_H

#include "jobctl.h"
#include "show.h"
#include "tool/table.h"

extern const struct jobctl_command source_add, source_set, source_delete;

/* Print the source with its settings; it ends the process if there is none. */
void source_print(struct jobctl *c, const char *name);
/* End the process, because there is no source of this name. */
_Noreturn void source_unknown(const char *name);

#endif
