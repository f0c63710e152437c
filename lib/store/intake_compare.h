/*
 * intake_compare - documents of a run, compared with what their source has
 */
#ifndef INTAKE_COMPARE_H
#define INTAKE_COMPARE_H

#include <stdint.h>

struct db;

/* The documents of a run that are not unchanged and have not failed. */
struct intake_compared {
	uint64_t added;	  /* their source does not have the url */
	uint64_t changed; /* it has another text for the url */
	uint64_t again;	  /* it has the same text */
	uint64_t copies;  /* of the added: it has the text for another url */
};

/*
 * Inside a transaction that has copied a batch, before it is saved: add the
 * batch to c. 0, or -1 with db_error.
 */
int intake_compare_batch(struct db *db, struct intake_compared *c);

/* Texts that came by new urls; all zero: none. */
struct intake_copies {
	int64_t n;
	char *url, *other; /* one of them, and the url that it had; owned */
};

/*
 * If all documents of a job are new to its source, count those whose text the
 * source had under another url. Looks at some of a source that is far larger
 * than the job. 0, or -1 with db_error.
 */
int intake_compare_copies(
    struct db *db, const char *job, int64_t documents, struct intake_copies *c);
void intake_copies_free(struct intake_copies *c);

#endif
