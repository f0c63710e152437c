/*
 * receiver - Postgres, the settings of sources, and the counts of pl-webhook
 *
 * Postgres may be away at any time; it is tried again at most once a second,
 * and until then every event is answered with 503.
 */
#ifndef WEBHOOK_RECEIVER_H
#define WEBHOOK_RECEIVER_H

#include <stddef.h>
#include <stdint.h>

#include "source/verifier.h"
#include "store/webhook.h"

struct buf;
struct db;
struct webhook_options;

enum { RECEIVER_STATUSES = 600 };

struct receiver {
	const struct webhook_options *options;
	struct db *db;
	double away_until; /* 0: Postgres is not away */
	double answered;   /* when Postgres answered last; 0: never */
	int is_away, is_checked;
	struct webhook_source *sources;
	size_t n_sources;
	double sources_at; /* when they were read */
	size_t memory;	   /* bytes of all bodies that are held */
	size_t connections;
	/* Counters. */
	uint64_t answers[RECEIVER_STATUSES]; /* by status */
	uint64_t saved, repeats, batches;
	double commit_seconds;
	/* Lines about refused requests in this second. */
	int64_t log_second;
	unsigned logged, unlogged;
};

/*
 * Connect to Postgres, if it is there; ends the process if trying again would
 * not help.
 */
void receiver_open(struct receiver *r, const struct webhook_options *options);
void receiver_close(struct receiver *r);

/* Whether Postgres is to be asked now. */
int receiver_may_ask(const struct receiver *r);
/* Whether Postgres answered lately; asks it, if it was not asked for long. */
int receiver_is_healthy(struct receiver *r);
/*
 * The settings of a source; valid until the next call. NULL: it has no webhook,
 * or the settings could not be read (*is_unknown is 0).
 */
const struct webhook_source *receiver_source(
    struct receiver *r, const char *name, int *is_unknown);
/*
 * Save n events and commit them. What is still WEBHOOK_OPEN is to be answered
 * with 503.
 */
void receiver_save(struct receiver *r, struct webhook **events, size_t n);

/* Count an answer, and say on standard error why a request was refused. */
void receiver_answered(
    struct receiver *r, int status, const char *path, const char *why);
/* Append the metrics as Prometheus text, format 0.0.4. */
void receiver_metrics(const struct receiver *r, struct buf *out);

#endif
