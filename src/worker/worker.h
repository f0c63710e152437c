/*
 * worker - the state of pl-worker
 *
 * A worker holds claimed tasks. Their documents are items, which wait, are in
 * flight in the pipeline, or are answered. Answers become results, and results
 * are written to the ledger in batches.
 *
 * Each struct belongs to the module that it is named after: other modules may
 * read the struct, but only functions of its own module change it. Modules,
 * from the ground up: items, stage_log, stages, pipeline, collection, options,
 * parent; service, account, refused; held; flight; result; ledger; death,
 * handback, order; claim, left, feed, answers, lease, hear, recover, ingest,
 * due.
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
#include "store/ingest_task.h"
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
	int in_redis;		  /* Redis holds the claim: order is set */
	size_t open;		  /* items without a result yet */
	size_t unsent;		  /* items never sent, as handback counted */
	int probe;		  /* the trial task of a parked queue */
	int parked;		  /* a document of it parked the queue */
	size_t stored, failed, retried;
	int dropped; /* lost or canceled: write no more results */
	int stopped; /* by RQ's stop-job: its open documents failed */
	char lease[DIGEST_UUID_TEXT + 16];
};

/* The servers, and which of them is away. */
struct worker_services {
	struct db *db;
	struct queue *queue;
	int redis_down;
	int redis_returned;   /* and recover has not noted it yet */
	double redis_at;      /* when the next trial write is due */
	int redis_failures;   /* failures in a row */
	double redis_back_at; /* when Redis came back last */
	int redis_losses;     /* recent syncs that found tasks lost */
	int redis_kept;	      /* syncs in a row that found none lost */
	int redis_doubted;    /* it loses tasks repeatedly */
	struct retry db_away;
};

/* The tasks that are held, and their documents that wait. */
struct worker_held {
	struct worker_task *task[WORKER_TASKS_MAX];
	size_t n;
	struct worker_items waiting;
	size_t suspects; /* suspect items, waiting or in flight */
	size_t probes;	 /* tasks that are probes */
	/*
	 * The queue that a doubtful error (record/verdict.h) has parked, or
	 * NULL.
	 */
	const char *doubtful;
	size_t strikes; /* doubtful errors since a document was stored */
};

/* The pipeline, and the documents in it. */
struct worker_flight {
	struct worker_pipeline *pipeline;
	struct worker_items documents;
	int answered;	    /* an answer came since the last start */
	int stored;	    /* a document was stored since the last start */
	int failed_starts;  /* failed starts in a row */
	double restart_at;  /* earliest time of the next start */
	double answered_at; /* when the last answer came */
	double sent_at;	    /* when the last document was sent */
	int refused;	    /* Postgres began no session at the last end */
	size_t foreign; /* lines that are no answer, since the last answer */
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
	double due_at; /* when they must be written, if there are any */
	/* Queue of a stored document, which so can be used; or NULL. */
	const char *opened;
};

/* The work since the last report. */
struct worker_account {
	int64_t tasks, documents, busy_ms;
	double busy_since; /* 0 while idle */
};

struct worker_claims {
	/* When Redis was asked for tasks that are not taken yet; or 0. */
	double asked_at;
	int gave;	   /* Redis had tasks when it was last asked */
	double ask_at;	   /* earliest time of the next claim */
	double unbound_at; /* and of the next one beside Redis */
	double look_at;	   /* when handback looks next */
	double share_at; /* earliest time of the next share for idle workers */
	struct pace pace;
	double task_documents; /* documents per task in the last claim */
	/* The tasks that a burst leaves, when last counted. */
	int64_t open_tasks, paused_tasks, later_tasks;
	char first[TASK_TIME]; /* when the first of later_tasks is due */
	int suspended;	       /* by "rq suspend", as of the last claim */
};

/* Ids of rows that the database refuses, each until its time is over. */
struct worker_refused {
	uint8_t ids[WORKER_REFUSED_MAX * DIGEST_UUID];
	double until[WORKER_REFUSED_MAX];
	size_t n;
};

struct worker_recovery {
	double sync_at, reap_at, promote_at;
	struct worker_refused jobs; /* that were reported */
};

/* The ingest task that runs. */
struct worker_ingest {
	struct worker_pipeline *pipeline; /* NULL: none runs */
	struct ingest_task task;
	enum ingest_outcome outcome;
	char *error;  /* JSON of the error that decided, or NULL */
	int is_whole; /* pl-enqueue came to its end */
	int is_over;  /* nothing more comes from the pipeline */
	double look_at, renew_at, until;
};

/* What is due in Postgres alone. */
struct worker_due {
	double look_at;
	struct worker_pipeline *notify; /* pl-jobctl notify, or NULL */
	double notify_at;		/* when it may be started again */
	int has_looked_last;		/* at the end of a burst */
};

struct worker {
	struct worker_options options;
	char name[128], host[64];
	int pid;
	double now; /* monotonic clock, last reading */
	struct worker_services services;
	struct worker_held held;
	struct worker_flight flight;
	struct worker_results results;
	struct worker_account account;
	struct worker_claims claims;
	struct worker_recovery recovery;
	struct worker_ingest ingest;
	struct worker_due due;
	struct worker_refused refused; /* tasks that are left alone */
	double beat_at;		       /* when lease renews next */
	double hear_at;		       /* when hear looks next */
	char fatal[256];	       /* why the pipeline cannot run; or "" */
};

#endif
