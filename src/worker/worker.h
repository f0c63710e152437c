/*
 * worker - the state of pl-worker
 *
 * A worker holds claimed tasks. Their documents are items, which wait, are in
 * flight in the pipeline, or are answered. Answers become results, and results
 * are written to the ledger in batches.
 *
 * Each struct belongs to the module that it is named after: others read it,
 * and change it by that module's functions alone. Modules, from the ground
 * up: items, stage_log, stages, pipeline, options, parent; service, account,
 * refused; held; flight; result; ledger; death, handback; claim, feed, answers,
 * lease, hear, recover.
 */
#ifndef WORKER_H
#define WORKER_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/pace.h"
#include "items.h"
#include "options.h"
#include "queue/claim.h"
#include "store/task.h"
#include "store/task_claim.h"
#include "store/task_record.h"
#include "tool/retry.h"

struct db;
struct worker_pipeline;

enum { WORKER_TASKS_MAX = 512, WORKER_REFUSED_MAX = 64 };

/* A claimed task. */
struct worker_task {
	struct task_claim claim;
	struct queue_claim order; /* Redis' side of the claim */
	int in_redis;		  /* order is held */
	size_t open;		  /* items without a result */
	size_t unsent;		  /* of these, as handback counted them */
	int probe;		  /* of a parked queue, and not passed yet */
	int parked;		  /* it met the quota error that parked it */
	size_t stored, failed, retried;
	int dropped; /* lost or canceled: write nothing more */
	int stopped; /* by RQ's command: its open documents failed */
	char lease[DIGEST_UUID_TEXT + 16];
};

/* The servers, and which of them is away. */
struct worker_services {
	struct db *db;
	struct queue *queue;
	int redis_down;
	int redis_returned;   /* recovery has not taken note of it yet */
	double redis_at;      /* when it is asked again whether it is back */
	int redis_failures;   /* in a row */
	double redis_back_at; /* the last time */
	int redis_losses;     /* syncs that found tasks lost, of late */
	int redis_kept;	      /* syncs since then that found none */
	int redis_doubted;    /* it loses tasks again and again */
	struct retry db_away;
};

/* The tasks that are held, and the documents of them that wait. */
struct worker_held {
	struct worker_task *task[WORKER_TASKS_MAX];
	size_t n;
	struct worker_items waiting;
	size_t suspects; /* items */
	size_t probes;	 /* tasks */
	/* Parked for a reason that any stored document refutes, or NULL. */
	const char *doubtful;
	size_t strikes; /* such errors since a document was stored */
};

/* The pipeline, and the documents in it. */
struct worker_flight {
	struct worker_pipeline *pipeline;
	struct worker_items documents;
	int answered;	    /* since the pipeline was started */
	int stored;	    /* a document, since then */
	int failed_starts;  /* in a row */
	double restart_at;  /* not before this may it start */
	double answered_at; /* the last time */
	double sent_at;	    /* of the last document */
	size_t foreign;	    /* lines that are no answer, since the last one */
	size_t foreign_untold;
	double foreign_told_at;
};

/* A result that is not yet in the ledger; owns its strings. */
struct worker_result {
	struct worker_task *task;
	struct task_result entry;
	char *stage, *error;
};

struct worker_results {
	struct worker_result *result;
	size_t n, cap;
	double due_at;	    /* when they are to be written, if there are any */
	const char *opened; /* queue that can be used, as they show; or NULL */
};

/* What was done since the last report. */
struct worker_account {
	int64_t tasks, documents, busy_ms;
	double busy_since; /* 0 while idle */
};

struct worker_claims {
	double asked_at; /* of Redis, for tasks that are to be taken; or 0 */
	int gave;	 /* Redis did, when it was last asked */
	double ask_at;	 /* not before this */
	double look_at;	 /* whether tasks are to be handed back */
	double share_at; /* not before this do idle workers get some */
	struct pace pace;
	double task_documents; /* of the last tasks claimed, on average */
	/* What a burst leaves, at the last look. */
	int64_t open_tasks, paused_tasks, later_tasks;
	char first[TASK_TIME]; /* when the first of the later is due */
	int suspended;	       /* by "rq suspend", at the last claim */
};

/* Ids whose rows the database refuses, for a while. */
struct worker_refused {
	uint8_t ids[WORKER_REFUSED_MAX * DIGEST_UUID];
	double until[WORKER_REFUSED_MAX];
	size_t n;
};

struct worker_recovery {
	double sync_at, reap_at, promote_at;
	struct worker_refused jobs; /* that were told of */
};

struct worker {
	struct worker_options options;
	char name[128], host[64];
	int pid;
	double now; /* on the monotonic clock, of this round */
	struct worker_services services;
	struct worker_held held;
	struct worker_flight flight;
	struct worker_results results;
	struct worker_account account;
	struct worker_claims claims;
	struct worker_recovery recovery;
	struct worker_refused refused; /* tasks that are left alone */
	double beat_at;		       /* lease */
	double hear_at;		       /* hear */
	char fatal[256];	       /* why the pipeline cannot run; or "" */
};

#endif
