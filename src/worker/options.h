/* pl-worker's options */
#ifndef WORKER_OPTIONS_H
#define WORKER_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

enum { WORKER_QUEUES_MAX = 32 };
/* The pipeline, unless another one is given. */
#define WORKER_PIPELINE "pl-chunk | pl-embed --encoding base64 | pl-store"

struct worker_options {
	/* As given, without a collection: "Q". */
	const char *base_queues[WORKER_QUEUES_MAX];
	/* Where the tasks of the collection wait: "Q" or "Q@C". */
	const char *queues[WORKER_QUEUES_MAX + 1];
	size_t n_queues;
	size_t n_served; /* n_queues, and INGEST_QUEUE behind them */
	int no_ingest;	 /* leave ingest tasks to others */
	const char *collection;
	int print_collection; /* print what was given, and stop */
	int no_unbound; /* leave jobs that no collection has taken to others */
	const char *command;
	const char *name; /* or NULL */
	int burst;
	int wait; /* a burst waits for tasks that are due later */
	size_t window, window_bytes;
	size_t max_record;
	int64_t document_timeout, grace, retry_for; /* ms */
	int plain_wip;
};

/*
 * Read the environment and the command line; ends the process with CLI_USAGE
 * on a bad one. The strings of o are borrowed from both, and from command,
 * which gets the pipeline's text and is the caller's to free.
 */
void worker_options_parse(
    int argc, char **argv, struct worker_options *o, struct buf *command);

#endif
