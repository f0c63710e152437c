/*
 * worker - what the parts of pl-worker share
 *
 * A worker holds works (claimed tasks). Their documents are items, which wait,
 * are in flight in the pipeline, or are answered. Answers become results, and
 * results are written to the ledger in batches.
 */
#ifndef WORKER_H
#define WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "queue/queue.h"
#include "store/task.h"

struct db;
struct worker_pipeline;
struct record;

enum { WORKER_QUEUES_MAX = 32, WORKER_TASKS_MAX = 512 };

struct worker_options {
	const char *queues[WORKER_QUEUES_MAX];
	size_t n_queues;
	const char *command;
	int burst;
	size_t window, window_bytes;
	size_t max_record;
	int64_t document_timeout, grace, retry_for; /* ms */
	int plain_wip;
};

/* A claimed task. */
struct worker_task {
	struct task_claim claim;
	struct queue_claim order; /* Redis' side of the claim */
	int in_redis;		  /* order is held */
	size_t open;		  /* items without a result */
	int probe;		  /* of a parked queue, and not passed yet */
	int parked;		  /* it met the quota error that parked it */
	size_t stored, failed, retried;
	int dropped; /* lost or canceled: write nothing more */
	int stopped; /* by RQ's command: its open documents failed */
	char lease[DIGEST_UUID_TEXT + 16];
};

/* A document on its way. */
struct worker_item {
	struct worker_item *next;
	struct worker_task *task;
	const struct task_document *document;
	char *line; /* the record, once loaded */
	size_t len;
	double sent_at;
	int suspect; /* was in flight when the pipeline died */
};

struct worker_items {
	struct worker_item *first, **last;
	size_t n, bytes;
};

/* A result that is not yet in the ledger; owns its strings. */
struct worker_result {
	struct worker_task *task;
	struct task_result entry;
	char *stage, *error;
};

struct worker {
	struct worker_options options;
	char name[128], host[64];
	int pid;
	struct db *db;
	struct queue *queue;
	struct worker_pipeline *pipeline;

	struct worker_task *work[WORKER_TASKS_MAX];
	size_t works;
	struct worker_items waiting, flight;
	size_t suspects;
	size_t probes; /* works that are */
	struct worker_result *result;
	size_t results, results_cap;

	double now;
	double flush_at, beat_at, sync_at, reap_at, claim_at, redis_at;
	double progress_at; /* of the last answer */
	double sent_at;	    /* of the last document */
	double restart_at;  /* not before this may the pipeline start */
	double db_lost_at;  /* 0 while Postgres answers */
	double busy_since;  /* 0 while idle */
	int answered;	    /* since the pipeline was started */
	int failed_starts;  /* of the pipeline, in a row */
	const char *fatal;  /* the pipeline cannot run: give up */
	char fatal_text[256];
	int redis_down;
	double asked_at; /* of Redis, for tasks that are to be taken; or 0 */
	double promote_at;
	double hear_at;
	double task_documents; /* of the last tasks claimed, on average */
	double pace;	       /* documents a second, of late */
	double paced_at;
	int64_t paused_tasks; /* that a burst leaves */
	int64_t done_tasks, done_documents, busy_ms;
};

/* options.c */

struct buf;
void worker_options_parse(int argc, char **argv, struct worker_options *o,
    const char **name, struct buf *command);

/* claim.c: claims. */

/*
 * Claim tasks while there is room. With work in hand, what Redis is asked for
 * is taken in a later round: it looks for tasks while Postgres takes note of
 * others. The number claimed, or -1.
 */
int worker_claim(struct worker *w);
/*
 * Open tasks of our queues that a burst should wait for, or -1; those of
 * paused queues are in w->paused_tasks.
 */
int worker_claim_open_tasks(struct worker *w);
/* Hand everything back that is not done, without burning attempts. */
void worker_claim_release(struct worker *w);

/* worker_result.c: results. */

/* An item stored: chunks written. Frees the item. */
void worker_result_stored(
    struct worker *w, struct worker_item *item, int chunks);
/*
 * An item failed. error is the JSON kept in the ledger (borrowed); class
 * decides whether it is tried again. Frees the item.
 */
struct error_record;
void worker_result_failed(struct worker *w, struct worker_item *item,
    const struct error_record *error);
/* Write results to the ledger, complete finished works. 0 or -1. */
int worker_ledger_flush(struct worker *w);

/* lease.c, recover.c, flight.c, held.c */

/* Renew leases, drop what is lost or canceled. 0 or -1. */
int worker_lease_beat(struct worker *w, const char *status);
/* Reap, promote, and bring Redis and Postgres together. */
void worker_recover(struct worker *w);
/* Forget a work that is not ours any more, or not wanted: why is for people. */
void worker_flight_drop(
    struct worker *w, struct worker_task *task, const char *why);
/* A claimed task is held, its documents wait. */
struct worker_task *worker_held_add(struct worker *w, struct task_claim *claim);
/* Say whether a work is the probe of a parked queue. */
void worker_held_mark_probe(
    struct worker *w, struct worker_task *task, int probe);
/* The item has its outcome. */
void worker_held_free_item(struct worker *w, struct worker_item *item);
/* The work has no items left. */
void worker_held_free_task(struct worker *w, struct worker_task *task);

/* Lists of items. */
void worker_items_init(struct worker_items *list);
void worker_items_push(struct worker_items *list, struct worker_item *item);
struct worker_item *worker_items_pop(struct worker_items *list);
void worker_items_push_front(
    struct worker_items *list, struct worker_item *item);
void worker_items_remove(struct worker_items *list, struct worker_item *item);

/* Seconds on the monotonic clock, also kept in w->now. */
double worker_service_now(struct worker *w);
/* Note that Postgres failed; decides whether to go on. */
void worker_service_db_failed(struct worker *w, const char *doing);
/* Note that it answered. */
void worker_service_db_answered(struct worker *w);
/* Note that Redis failed: warn once, try again later. */
void worker_service_redis_failed(struct worker *w, const char *doing);
/* Whether Redis answers, as far as is known; asks when it is time to. */
int worker_service_redis_is_up(struct worker *w);

/* worker_hear.c: what RQ's commands ask of us. */

/* Obey what was sent since the last call; looks once a second. */
void worker_hear(struct worker *w);

/* worker_feed.c: the pipeline. */

/* Send what the window has room for. */
void worker_feed(struct worker *w);
/* Read the answers that are there; notice deaths and time-outs. */
void worker_answers(struct worker *w);
/* Wait for the pipeline, at most ms. */
void worker_flight_wait(struct worker *w, int ms);
/* Everything in flight waits again, in its order, ahead of the rest. */
void worker_flight_take_back(struct worker *w, int suspect);
/* Kill the pipeline; documents in flight wait again. */
void worker_flight_abort(struct worker *w);

#endif
