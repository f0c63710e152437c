/*
 * job_choice - a choice among the documents of a job
 *
 * Statements that choose documents take the choice as $2 to $6.
 */
#ifndef JOB_CHOICE_H
#define JOB_CHOICE_H

#include <stddef.h>
#include <stdint.h>

struct db_args;

/* Which documents of a job; zeros choose all. */
struct job_choice {
	/*
	 * Any of these n; n 0: all. "incomplete": stored without some chunks.
	 */
	const char *const *statuses;
	size_t n;
	const uint8_t *document; /* id, or NULL */
	const char *url;
	const char *class; /* of the error */
	int64_t limit;	   /* 0 for all */
};
/* Append $2 statuses, $3 document, $4 url, $5 class, $6 limit. */
void job_choice_args(struct db_args *a, const struct job_choice *c);

#endif
