/* source_print - a source with its settings */
#ifndef JOBCTL_SOURCE_PRINT_H
#define JOBCTL_SOURCE_PRINT_H

struct jobctl;

/* Print the source with its settings; it ends the process if there is none. */
void source_print(struct jobctl *c, const char *name);
/* End the process, because there is no source of this name. */
_Noreturn void source_unknown(const char *name);

#endif
