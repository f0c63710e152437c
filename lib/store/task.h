/*
 * task - a worker's claims in Postgres, and the ledger of its documents
 *
 * A claim is a row in pl.tasks with an attempt number and a lease. Every
 * later write names the attempt; when another worker has claimed the task
 * since, it writes nothing. All functions are one transaction each and may be
 * called again after a lost connection. They return 0 or a count, or -1 with
 * db_error.
 */
#ifndef TASK_H
#define TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

enum {
	TASK_LEASE_SECONDS = 15,
	TASK_RENEW_SECONDS = 5,
	/* A task that was lost with its worker this often is given up. */
	TASK_CRASHES_MAX = 20
};

/* A document of a claimed task. */
struct task_document {
	uint8_t id[DIGEST_UUID];
	int attempts; /* that failed before this one */
	size_t bytes; /* of its content */
};

struct task_claim {
	uint8_t id[DIGEST_UUID];
	uint8_t job[DIGEST_UUID];
	char *queue;
	int attempt;
	int crashes;
	int max_attempts;
	int probe; /* of a parked queue */
	struct task_document *documents;
	size_t n;
};
void task_claim_free(struct task_claim *c);

/*
 * Claim the given tasks (n ids of 16 bytes). Those that are not open, not due
 * or held by a living worker are left out. claims has room for n; returns how
 * many were claimed.
 */
int task_claim(struct db *db, const char *worker, const uint8_t *ids, size_t n,
    struct task_claim *claims);
/*
 * Claim up to max due tasks of the queues, in order of the queues: what a
 * worker does without Redis. Paused queues give none; when one that is parked
 * is to be probed, a task of it is all that is claimed.
 */
int task_claim_due(struct db *db, const char *worker, const char *const *queues,
    size_t n_queues, size_t max, struct task_claim *claims);

/*
 * Tasks of the queues that are not done and due within a minute, whoever has
 * them: what a burst waits for. Those that wait in a paused queue are counted
 * in *paused instead.
 */
int task_open(
    struct db *db, const char *const *queues, size_t n_queues, int64_t *paused);

/* What became of a task that could not be claimed. */
enum task_fate {
	TASK_UNKNOWN, /* no such row */
	TASK_ENDED,   /* completed */
	TASK_HELD,    /* a living worker has it */
	TASK_OPEN,    /* not due yet, or claimable now */
	TASK_FAILED,
	TASK_GIVEN_UP /* canceled */
};
int task_fates(
    struct db *db, const uint8_t *ids, size_t n, enum task_fate *found);

/* Whether work on a task is still wanted, as of a renewal. */
enum task_state {
	TASK_MINE,
	TASK_LOST,     /* claimed by another, or given up: write nothing */
	TASK_CANCELED, /* its job was canceled */
	TASK_TIMED_OUT /* its job ran longer than it may */
};
/* Renew the leases of n claims; states has room for n. */
int task_renew(struct db *db, const struct task_claim *const *claims, size_t n,
    enum task_state *states);

/* A document's outcome. Strings are borrowed. */
struct task_result {
	const struct task_claim *task;
	const uint8_t *document;
	int stored;
	int retry;	      /* not stored: try again in a later task */
	int burn;	      /* the attempt counts */
	double delay_seconds; /* of the retry */
	int chunks;
	int milliseconds;
	const char *stage; /* that failed, or NULL */
	const char *error; /* JSON object, or NULL */
};
/*
 * Write outcomes, then complete those of the claims done whose documents all
 * have one. Documents to be retried go to new tasks, one per delay (rounded up
 * to a second); *retries (n_retries ids of 16 bytes, freed by the caller) are
 * those, to be pushed to Redis. Returns how many outcomes were written: stale
 * ones are not.
 */
int task_record(struct db *db, const struct task_result *results, size_t n,
    const struct task_claim *const *done, size_t n_done, uint8_t **retries,
    size_t *n_retries);
/* Hand tasks back: documents without outcome wait again, no attempt burnt. */
int task_release(
    struct db *db, const struct task_claim *const *claims, size_t n);
/* Fail what is left of jobs that run longer than they may; how many jobs. */
int task_time_out(struct db *db);

/* The worker's row: heartbeat, state, and work done since the last call. */
struct task_worker {
	const char *name, *host;
	int pid;
	const char *const *queues;
	size_t n_queues;
	const char *status; /* idle, busy, stopping */
	int64_t tasks, documents, busy_milliseconds;
};
int task_beat(struct db *db, const struct task_worker *w);
/* Remove the worker's row. */
int task_retire(struct db *db, const char *name);

/*
 * Give back the tasks whose lease lapsed: they are pending again, or failed
 * when lost too often. Returns how many.
 */
int task_reap(struct db *db);
/*
 * Give new tasks to documents that wait in an open job although their task
 * ended, and reopen jobs that ended too early. Returns how many.
 */
int task_rescue(struct db *db);
/*
 * Make a task of what another program queued: a row for the task (16 bytes)
 * and its n documents, if its job exists. 1 adopted, 0 no such job (or the
 * task is known), -1.
 */
int task_adopt(struct db *db, const uint8_t task[static DIGEST_UUID],
    const uint8_t job[static DIGEST_UUID], const char *queue,
    const uint8_t *documents, size_t n);
/*
 * Ids (16 bytes each, *ids freed by the caller) of open tasks that are due
 * and not claimed, pending ones first, at most max, after the id *after in
 * the order of ids (NULL: from the start).
 */
int task_unclaimed(
    struct db *db, const uint8_t *after, size_t max, uint8_t **ids, size_t *n);

/* What Redis must be told about a task. */
struct task_order {
	uint8_t id[DIGEST_UUID];
	uint8_t job[DIGEST_UUID];
	char *queue;
	int64_t timeout_seconds;
	int64_t run_at;	    /* Unix seconds; 0 when due */
	uint8_t *documents; /* n ids of 16 bytes */
	size_t n;
	char *function; /* RQ's name of it, or NULL */
};
/* The orders of open tasks among the ids; *orders freed by the call below. */
int task_orders(struct db *db, const uint8_t *ids, size_t n,
    struct task_order **orders, size_t *n_orders);
void task_orders_free(struct task_order *orders, size_t n);
/* Note that Redis has the tasks. */
int task_queued(struct db *db, const uint8_t *ids, size_t n);

#endif
