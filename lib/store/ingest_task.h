/*
 * ingest_task - tasks that read documents for a job
 *
 * An ingest task names what is to be read for a source: a crawl, or the body of
 * an event. It waits only in Postgres, has no documents of its own, and seals
 * its job when it ends. A claim is fenced by its attempt, as in task_claim.h.
 */
#ifndef INGEST_TASK_H
#define INGEST_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

/* The queue of these tasks. */
#define INGEST_QUEUE "ingest"

struct ingest_task {
	uint8_t id[DIGEST_UUID];
	int attempt;
	char job[DIGEST_UUID_TEXT];
	char *source;
	char *crawl; /* id of the crawl to read; NULL: read body */
	char *map;   /* the source's jq program for body, or NULL */
	char *body;  /* of the event, or NULL if the event is gone */
	size_t body_len;
};
void ingest_task_free(struct ingest_task *t);

/*
 * Claim the first task that has been due for so many seconds. 1 with t, 0 if
 * there is none, or -1.
 */
int ingest_task_claim(
    struct db *db, const char *worker, int due_for, struct ingest_task *t);
/* 1, 0 if the task was lost to another worker or its job has ended, or -1. */
int ingest_task_renew(struct db *db, const struct ingest_task *t);

/* How an attempt ended; of several reasons the first one of these counts. */
enum ingest_outcome {
	INGEST_AGAIN, /* failed, and is tried again up to the job's attempts */
	INGEST_FAILED,
	INGEST_WAITS, /* is to be looked at later; no attempt counts */
	INGEST_HANDED_BACK,
	INGEST_DONE
};
/*
 * Record how an attempt ended; error is the JSON of the error, for FAILED and
 * AGAIN. A task that was lost is left alone. 0 or -1.
 */
int ingest_task_end(struct db *db, const struct ingest_task *t,
    enum ingest_outcome outcome, const char *error);

/*
 * A crawl of a source (name is its name) began or ended: a job reads it. The
 * job's id in job. 0 or -1.
 */
int ingest_task_crawl(struct db *db, const char *name,
    const uint8_t source[static DIGEST_UUID], const char *crawl, int ended,
    char job[static DIGEST_UUID_TEXT]);

#endif
