/*
 * queue - tasks in Redis, as RQ keeps them
 *
 * Speaks of tasks, not of commands. Every change is one Lua script (lib/lua),
 * so a task is in exactly one place at every instant; times are the server's.
 * A claim is fenced: once a task was taken back from its worker, that worker's
 * calls for it return 0 ("lost") and change nothing.
 *
 * Connects at the first call and again whenever the connection was lost; a
 * call that fails is safe to repeat. Functions return -1 on failure, with
 * queue_error() saying why and queue_unavailable() whether to try again later.
 * Commands time out after five seconds. Needs Redis >= 6.2.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stddef.h>
#include <stdint.h>

struct queue;

enum {
	QUEUE_EXECUTION = 33,  /* 32 hex digits and the NUL */
	QUEUE_CLAIM_MAX = 1000 /* claims in one call */
};

struct queue_options {
	int plain;	      /* wip entries as RQ < 2.0 reads them */
	int lease_seconds;    /* 0: PERIOD_LEASE */
	int timeout_ms;	      /* to connect and to answer; 0: 5000 */
	const char *function; /* NULL: process_documents; queue_function_ok */
};

/*
 * Whether s can be the name of a function: letters, digits and _ with dots
 * between. A task is ours if the last part of its function is that of ours.
 */
int queue_function_ok(const char *s);

/*
 * A handle for url, not connected yet; options may be NULL. URL forms:
 * redis://[user][:password]@host[:port][/db], unix:///path[?db=n],
 * redis+unix://, and "none". NULL with *why (static text) for any other.
 */
struct queue *queue_open(
    const char *url, const struct queue_options *options, const char **why);
void queue_close(struct queue *q);
/* Why the last call failed. Never names the password. */
const char *queue_error(const struct queue *q);
/* Whether it failed because Redis was out of reach, loading or full. */
int queue_unavailable(const struct queue *q);
/* Whether the URL is "none": there is no Redis, and every call fails. */
int queue_is_none(const struct queue *q);
/*
 * What the last claim found unfit and dropped or filed as failed, one line
 * each, for the log; NULL when nothing.
 */
const char *queue_note(const struct queue *q);

/* Pushing. */

struct queue_task {
	const char *id; /* the 36 characters of a UUID */
	const char *queue;
	const char *job_id; /* the same form */
	const uint8_t (*document_ids)[16];
	size_t count;
	int64_t timeout_seconds; /* 0: 3600 */
	int at_front;
	int64_t run_at;		 /* unix seconds; 0 or the past: now */
	int attempts_max;	 /* 0: 3 */
	const char *description; /* NULL: made from the ids */
	const char *function;	 /* NULL: that of the options */
};

/*
 * Push n tasks; those that are alive in Redis already are left alone, those
 * that have ended there start afresh. Returns how many were pushed, or -1:
 * some may have been then, and pushing all again is right.
 */
int64_t queue_push(struct queue *q, const struct queue_task *tasks, size_t n);

/* Claiming. */

struct queue_claim {
	char *id;
	char *queue;
	char execution[QUEUE_EXECUTION];
	char job_id[37]; /* "" when malformed */
	uint8_t (*document_ids)[16];
	size_t count;
	const char *malformed; /* why the task cannot be run (static): fail
				  it with this text; NULL when it can */
	int64_t timeout_seconds;
	int64_t attempt; /* from 1, by Redis' count */
	int64_t attempts_max;
	int64_t enqueued_at; /* unix microseconds, or 0 */
	double claimed_at;   /* time_now() */
	int probe;	     /* of a queue that is paused: try it with this */
};

enum queue_claimed {
	QUEUE_NOTHING = 0,    /* or a positive number of claims */
	QUEUE_SUSPENDED = -2, /* by "rq suspend" */
	QUEUE_PAUSED = -3     /* every queue named is, by queue_pause */
};

/*
 * Claim one task of the first queue that has one. 1, QUEUE_NOTHING,
 * QUEUE_SUSPENDED, QUEUE_PAUSED or -1. The caller frees *out (only after 1)
 * with queue_claim_free. worker is a name that queue_worker_birth knows.
 */
int queue_claim(struct queue *q, const char *const queues[], size_t n,
    const char *worker, struct queue_claim *out);
/* Up to max (<= QUEUE_CLAIM_MAX) at once; returns how many, or as above. */
int queue_claim_many(struct queue *q, const char *const queues[], size_t n,
    const char *worker, struct queue_claim out[], size_t max);
/*
 * queue_claim_many in two steps, so that Redis works while the caller does
 * something else; other calls may come in between. What queues, and worker
 * point to is used until the take. One at a time. queue_ask gives 0 or -1.
 */
int queue_ask(struct queue *q, const char *const queues[], size_t n,
    const char *worker, size_t max);
int queue_take(struct queue *q, struct queue_claim out[]);
/* Free what the claim owns. */
void queue_claim_free(struct queue_claim *claim);
/*
 * Wait until a queue may have something, at most timeout_ms; notices within
 * 100 ms and takes nothing. 1 maybe, 0 timed out, interrupted by a signal or
 * stop_requested(), -1 failed (after waiting, so a loop around it does not
 * spin).
 */
int queue_wait(
    struct queue *q, const char *const queues[], size_t n, int timeout_ms);

/* Settling: 1 done, 0 lost, -1 failed. */

/* Renew n leases; lost[i] is set to 1 for those lost, else 0. 0 or -1. */
int queue_renew(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], size_t n, int lost[]);
/* Done; result is JSON text or NULL. */
int queue_complete(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *result);
/*
 * Many at once, results[i] as above (results itself may be NULL); done[i]
 * (may be NULL) gets 1 or 0. Returns how many were done, or -1.
 */
int queue_complete_many(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n, int done[]);
/*
 * The same without waiting for the answer. Claims that Redis did not settle
 * then, having lost them or the connection, lapse and are claimed again.
 * 0 or -1.
 */
int queue_complete_later(struct queue *q, const char *worker,
    const struct queue_claim *const claims[], const char *const results[],
    size_t n);
/* Failed for good; text is what "rq" shows as its traceback. */
int queue_fail(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *text);
/* Ended because someone asked (QUEUE_STOP); RQ's status "stopped". */
int queue_stopped(struct queue *q, const char *worker,
    const struct queue_claim *claim, const char *text);
/* To be tried again after delay seconds; 0 puts it at the queue's end. */
int queue_retry(struct queue *q, const char *worker,
    const struct queue_claim *claim, double delay);
/* Hand back to the queue's front without counting the attempt. */
int queue_release(
    struct queue *q, const char *worker, const struct queue_claim *claim);

/* Housekeeping, safe from any number of processes at once. */

struct queue_reaped {
	uint64_t requeued, failed, dropped;
};

/*
 * Take back what dead workers hold in queue, ours and Python's; every five
 * seconds. counts may be NULL. 0 or -1.
 */
int queue_reap(struct queue *q, const char *queue, struct queue_reaped *counts);
/* Queue what is due on queue's schedule, every second. How many, or -1. */
int64_t queue_promote(struct queue *q, const char *queue);
/*
 * n tasks by id; ids that RQ would not allow are passed over. Each returns
 * how many were changed, or -1.
 * cancel: those not ended; a running one's worker finds its lease lost.
 * requeue: those that ended, or are queued and in no list.
 * delete: all traces, whatever the state.
 */
int64_t queue_cancel(struct queue *q, const char *const ids[], size_t n);
int64_t queue_requeue(struct queue *q, const char *const ids[], size_t n);
int64_t queue_delete(struct queue *q, const char *const ids[], size_t n);

enum queue_state {
	QUEUE_ABSENT,	/* no such task in Redis */
	QUEUE_QUEUED,	/* and in its list */
	QUEUE_UNLISTED, /* queued and in no list: queue_requeue it */
	QUEUE_STARTED,
	QUEUE_FINISHED,
	QUEUE_FAILED,
	QUEUE_SCHEDULED,
	QUEUE_DEFERRED,
	QUEUE_STOPPED,
	QUEUE_CANCELED,
	QUEUE_UNKNOWN /* a status RQ does not have */
};
/* The state's name as pl prints it. */
const char *queue_state_name(enum queue_state state);
/* Where each of n tasks is. 0 or -1. */
int queue_states(
    struct queue *q, const char *const ids[], size_t n, enum queue_state out[]);

/*
 * Ids in one place of a queue (QUEUE_QUEUED, STARTED, FINISHED, FAILED,
 * SCHEDULED, DEFERRED or CANCELED), from the from-th on, at most max; *ids is
 * one block that the caller frees. How many, or -1.
 */
int64_t queue_ids(struct queue *q, const char *queue, enum queue_state where,
    size_t from, size_t max, char ***ids);
/*
 * Read a task without claiming it: *out as of a claim, without execution.
 * 1 with *out (queue_claim_free), 0 no such task, -1 failed.
 */
int queue_peek(struct queue *q, const char *id, struct queue_claim *out);
/* The same, but 0 as well when the task is not waiting in its list any more. */
int queue_peek_waiting(
    struct queue *q, const char *id, struct queue_claim *out);
/*
 * Ids in queue's list from position from on, at most max of them are looked
 * at; those that RQ would not allow are left out. *ids is one block the caller
 * frees. Returns how many, or -1; *seen is 0 at the end of the list.
 */
int64_t queue_listed(struct queue *q, const char *queue, int64_t from,
    size_t max, char ***ids, size_t *seen);
/* Take an id out of queue's list and nothing else. How often it was there. */
int64_t queue_unlist(struct queue *q, const char *queue, const char *id);
/* File a queued task as failed, unclaimed. 1, 0 not queued any more, -1. */
int queue_refuse(
    struct queue *q, const char *queue, const char *id, const char *text);

/* Workers, as "rq info" shows them. */

struct queue_worker {
	const char *name; /* unique: host.pid.n */
	const char *const *queues;
	size_t count;
	int64_t pid;
	const char *host;
};
enum queue_worker_state {
	QUEUE_WORKER_IDLE,
	QUEUE_WORKER_BUSY,
	QUEUE_WORKER_SUSPENDED
};

/* 1 registered, 0 another living worker has that name, -1 failed. */
int queue_worker_birth(struct queue *q, const struct queue_worker *w);
/* Every 10 s at least; registers again what Redis forgot. 0 or -1. */
int queue_worker_heartbeat(struct queue *q, const struct queue_worker *w,
    enum queue_worker_state state);
/* After the last claim was settled. 0 or -1. */
int queue_worker_death(struct queue *q, const struct queue_worker *w);

/* What RQ's send_..._command functions ask of a worker. */
enum queue_command {
	QUEUE_SHUTDOWN, /* end when the work in hand is done */
	QUEUE_STOP	/* end the task named, then queue_stopped */
};
/*
 * The next command for the worker, without waiting; on a connection of its
 * own, made at the first call and again when lost. 1 with *what and, for
 * QUEUE_STOP, *id (the caller frees it; else NULL); 0 none; -1 failed.
 */
int queue_hear(
    struct queue *q, const char *worker, enum queue_command *what, char **id);

/* Flags and numbers. */

/* "rq suspend": 1 suspended, 0 not, -1 failed. */
int queue_suspended(struct queue *q);
/*
 * Our own flag on one queue: nothing is claimed from it until queue_resume,
 * but for one task, as a probe, after the given seconds (0: never) and every
 * so often from then on. 0 or -1.
 */
int queue_pause(struct queue *q, const char *queue, const char *reason,
    int64_t probe_after, int64_t probe_every);
/* 1 resumed, 0 it was not paused, -1 failed. */
int queue_resume(struct queue *q, const char *queue);
/*
 * 1 paused with *reason (the caller frees it), 2 paused and probed, 0 not,
 * -1 failed.
 */
int queue_paused(struct queue *q, const char *queue, char **reason);

struct queue_stats {
	int64_t length, started, scheduled, failed, finished, deferred,
	    canceled;
	int64_t busy, idle, suspended; /* workers */
	double oldest; /* seconds since enqueued_at, 0 when empty */
	int paused;
};
/* 0 or -1. */
int queue_stats(struct queue *q, const char *queue, struct queue_stats *out);
/*
 * Names of all queues RQ knows, sorted; *names is one block that the caller
 * frees. How many, or -1.
 */
int64_t queue_names(struct queue *q, char ***names);
/* Seconds of a round trip, or -1. */
double queue_ping(struct queue *q);

#endif
