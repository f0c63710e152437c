/* collection_print - one collection, for the commands of collections */
#ifndef JOBCTL_COLLECTION_PRINT_H
#define JOBCTL_COLLECTION_PRINT_H

struct jobctl;

/* Print a collection, or end the process because there is none of that name. */
void collection_print(struct jobctl *c, const char *name);
/* End the process: there is no such collection, but perhaps a similar one. */
_Noreturn void collection_unknown(struct jobctl *c, const char *name);
/* End the process with a usage error if this names no collection. */
void collection_check_name(const char *what, const char *name);
/* "1 document", "2 documents"; the unit is in the singular. */
const char *collection_count(
    char out[static 48], long long n, const char *unit);

#endif
