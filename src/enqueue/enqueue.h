/*
 * enqueue - the state of pl-enqueue
 *
 * Documents go from the input to the intake, which saves them in batches and
 * makes tasks of them. Refused documents go into the account of the job.
 * Modules, from the ground up: options; refusal; save; listing; report;
 * feed.
 */
#ifndef ENQUEUE_H
#define ENQUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/id_set.h"
#include "options.h"
#include "store/intake_job.h"
#include "tool/cli.h"
#include "tool/progress.h"
#include "tool/retry.h"

struct db;
struct intake;
struct queue;
struct record_in;
struct record_out;

/* A document that was refused; it goes into the account with the next save. */
struct enqueue_failure {
	char *source, *url, *message;
	const char *code;
};

/* What the input said of one source. */
struct enqueue_source {
	uint8_t id[DIGEST_UUID];
	char *name;
	uint64_t documents; /* records of documents that came */
	int listings;	    /* records of listings that came */
	int is_complete;    /* by the listing */
	int64_t listed;	    /* documents, by the listing; -1: not known */
};

/* Whether the input is all that its sources have. */
struct enqueue_listing {
	struct enqueue_source *source;
	size_t n, latest;
	char since[PRUNE_TIME]; /* the server's clock before the first save */
	int has_error;		/* an error that is about no document */
	int passes;		/* such an error may pass by itself */
	int unsaved;		/* a document is not in the database */
	int dropped, crawls;	/* records of such types that came */
	struct id_set seen;	/* documents of a dry run */
	size_t compared;	/* sources that a dry run compared with */
	uint64_t gone;		/* their documents that did not come */
};

struct enqueue {
	struct enqueue_options options;
	struct enqueue_listing listing;
	struct intake_job job; /* that --job names */
	struct enqueue_failure *failure;
	size_t failures;
	struct db *db;
	struct queue *queue;
	struct intake *docs;
	struct record_in *in;
	struct record_out *out;
	struct progress progress;
	struct retry away; /* while Postgres is away */
	int refused, redis_failed, saved_once;
	int job_fd;	   /* of --job-file, until it is written; or -1 */
	double open_since; /* when the first document without task was saved */
};

#endif
