/*
 * enqueue - the state of pl-enqueue
 *
 * Documents go from the input to the intake, which saves them in batches and
 * makes tasks of them. Refused documents go into the account of the job.
 * Modules, from the ground up: options; refusal; save; feed.
 */
#ifndef ENQUEUE_H
#define ENQUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"
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

struct enqueue {
	struct enqueue_options options;
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
	double open_since; /* when the first document without task was saved */
};

#endif
