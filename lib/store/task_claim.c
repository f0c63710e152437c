#include "store/task_claim.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_task_claim.h"
#include "store/collection_name.h"
#include "store/pause.h"

/* Which of the due tasks to claim. */
struct due {
	const char *const *queues;
	size_t n_queues, max;
	int even_paused, is_unbound;
	const uint8_t *without;
	size_t n_without;
};

struct claiming {
	const char *worker, *collection;
	const struct due *due; /* finds the ids; NULL: ids are given */
	const uint8_t *ids;
	size_t n_ids;
	uint8_t *found; /* ids, owned; or NULL */
	struct task_claim *claims;
	int n;
};

void
task_claim_free(struct task_claim *c)
{
	free(c->queue);
	free(c->refusal);
	free(c->documents);
	*c = (struct task_claim){0};
}

static void
read_claim(struct task_claim *c, const struct db_result *r, int row)
{
	*c = (struct task_claim){0};
	memcpy(c->id, db_text(r, row, 0), DIGEST_UUID);
	memcpy(c->job, db_text(r, row, 1), DIGEST_UUID);
	c->queue = x_memdup(db_text(r, row, 2), db_length(r, row, 2));
	c->attempt = db_binary_int4(r, row, 3);
	c->crashes = db_binary_int4(r, row, 4);
	c->max_attempts = db_binary_int4(r, row, 5);
	if (!db_is_null(r, row, 6))
		c->refusal = x_memdup(db_text(r, row, 6), db_length(r, row, 6));
	c->unbound = *db_text(r, row, 7) != 0;
}

static struct task_claim *
claim_of(struct claiming *c, const char *id)
{
	for (int i = 0; i < c->n; i++)
		if (memcmp(c->claims[i].id, id, DIGEST_UUID) == 0)
			return &c->claims[i];
	return NULL;
}

static void
read_documents(struct claiming *c, const struct db_result *r)
{
	struct task_claim *claim = NULL;

	for (int row = 0; row < db_rows(r); row++) {
		struct task_document *d;

		if (claim == NULL ||
		    memcmp(claim->id, db_text(r, row, 0), DIGEST_UUID) != 0)
			claim = claim_of(c, db_text(r, row, 0));
		if (claim == NULL)
			continue;
		claim->documents = x_realloc(
		    claim->documents, claim->n + 1, sizeof(*claim->documents));
		d = &claim->documents[claim->n++];
		memcpy(d->id, db_text(r, row, 1), DIGEST_UUID);
		d->attempts = db_binary_int4(r, row, 2);
		d->bytes = (size_t)db_binary_int4(r, row, 3);
		d->cleared = *db_text(r, row, 4) != 0;
	}
}

static void
forget_claims(struct claiming *c)
{
	while (c->n > 0)
		task_claim_free(&c->claims[--c->n]);
}

/* Find due tasks and lock them, so that other workers skip them. 0 or -1. */
static int
find_due(struct db *db, struct claiming *c)
{
	struct db_args a = {0};

	free(c->found);
	db_arg_texts(&a, c->due->queues, c->due->n_queues);
	db_arg_int(&a, (int64_t)c->due->max);
	db_arg_bool(&a, c->due->even_paused);
	db_arg_uuids(&a, c->due->without, c->due->n_without);
	c->found =
	    db_ids(db, c->due->is_unbound ? sql_lock_unbound : sql_lock_due, &a,
		&c->n_ids);
	db_args_free(&a);
	c->ids = c->found;
	return c->found == NULL ? -1 : 0;
}

/* Claim those of the ids that are claimable. 0 or -1. */
static int
claim_ids(struct db *db, struct claiming *c)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, c->worker);
	db_arg_uuids(&a, c->ids, c->n_ids);
	db_arg_int(&a, PERIOD_LEASE);
	db_arg_text(&a, c->collection);
	r = db_run_binary(db, sql_claim_named, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (; c->n < db_rows(r); c->n++)
		read_claim(&c->claims[c->n], r, c->n);
	db_result_free(r);
	return 0;
}

/*
 * Bind the jobs of claimed tasks that no collection has taken yet; their tasks
 * move to the collection's queue. 0 or -1.
 */
static int
bind_jobs(struct db *db, struct claiming *c)
{
	uint8_t *jobs = x_calloc((size_t)c->n + 1, DIGEST_UUID);
	struct db_args a = {0};
	int64_t done = 0;
	size_t n = 0;

	for (int i = 0; i < c->n; i++) {
		struct task_claim *claim = &c->claims[i];
		char *queue = claim->queue;

		if (!claim->unbound)
			continue;
		memcpy(jobs + DIGEST_UUID * n++, claim->job, DIGEST_UUID);
		claim->queue = collection_queue(queue, c->collection);
		free(queue);
	}
	db_arg_uuids(&a, jobs, n);
	db_arg_text(&a, c->collection);
	if (n > 0)
		done = db_do(db, sql_bind_jobs, &a);
	db_args_free(&a);
	free(jobs);
	return done == -1 ? -1 : 0;
}

/*
 * Start the documents and jobs of the claimed tasks. 0 or -1. In this order, as
 * the start of a job locks its source: clients that save documents and enqueue
 * them (pl.enqueue) lock the source last, too, and so do results.
 */
static int
start_claimed(struct db *db, struct claiming *c)
{
	uint8_t *id = x_calloc((size_t)c->n + 1, DIGEST_UUID);
	struct db_args ids = {0};
	struct db_result *r = NULL;

	for (int i = 0; i < c->n; i++)
		memcpy(id + i * DIGEST_UUID, c->claims[i].id, DIGEST_UUID);
	db_arg_uuids(&ids, id, (size_t)c->n);
	free(id);
	r = db_run_binary(db, sql_start_documents, &ids);
	if (r != NULL && db_do(db, sql_start_jobs, &ids) == -1) {
		db_result_free(r);
		r = NULL;
	}
	db_args_free(&ids);
	if (r == NULL)
		return -1;
	read_documents(c, r);
	db_result_free(r);
	return 0;
}

static int
claim_work(struct db *db, void *argument)
{
	struct claiming *c = argument;

	forget_claims(c);
	if (c->due != NULL && find_due(db, c) == -1)
		return -1;
	if (claim_ids(db, c) == -1)
		return -1;
	if (c->n == 0)
		return 0;
	return bind_jobs(db, c) == -1 ? -1 : start_claimed(db, c);
}

/* Claim in one transaction. Returns how many, or -1. */
static int
claim_once(struct db *db, struct claiming *c)
{
	if (db_transact(db, DB_KEYED, claim_work, c) != -1)
		return c->n;
	forget_claims(c);
	return -1;
}

/* Claim each task in its own transaction, as the database refuses one. */
static int
claim_apart(
    struct db *db, const struct task_claimer *by, const struct claiming *all)
{
	int claimed = 0;

	for (size_t i = 0; i < all->n_ids; i++) {
		struct claiming one = {.worker = by->worker,
		    .collection = by->collection,
		    .ids = all->ids + i * DIGEST_UUID,
		    .n_ids = 1,
		    .claims = all->claims + claimed};
		int n = claim_once(db, &one);

		if (n != -1) {
			claimed += n;
			continue;
		}
		if (db_fault(db) != DB_DATA) {
			while (claimed > 0)
				task_claim_free(&all->claims[--claimed]);
			return -1;
		}
		by->refused(by->argument, one.ids, db_error(db));
	}
	return claimed;
}

static int
claim(struct db *db, const struct task_claimer *by, struct claiming *c)
{
	int n;

	c->worker = by->worker;
	c->collection = by->collection;
	n = claim_once(db, c);
	if (n == -1 && db_fault(db) == DB_DATA)
		n = claim_apart(db, by, c);
	free(c->found);
	return n;
}

int
task_claim(struct db *db, const struct task_claimer *by, const uint8_t *ids,
    size_t n, struct task_claim *claims)
{
	return claim(db, by,
	    &(struct claiming){.ids = ids, .n_ids = n, .claims = claims});
}

static int
claim_due(struct db *db, const struct task_claimer *by, const struct due *due,
    struct task_claim *claims)
{
	return claim(db, by, &(struct claiming){.due = due, .claims = claims});
}

int
task_claim_due(struct db *db, const struct task_claimer *by,
    const char *const *queues, size_t n_queues, size_t max,
    const uint8_t *without, size_t n_without, struct task_claim *claims)
{
	struct due due = {.queues = queues,
	    .n_queues = n_queues,
	    .max = max,
	    .without = without,
	    .n_without = n_without};
	char *parked;
	int n = 0;

	if (pause_take_probe(db, queues, n_queues, &parked) == -1)
		return -1;
	if (parked != NULL) {
		struct due probe = due;

		probe.queues = (const char *const *)&parked;
		probe.n_queues = probe.max = 1;
		probe.even_paused = 1;

		n = claim_due(db, by, &probe, claims);
	}
	for (int i = 0; i < n; i++)
		claims[i].probe = 1;
	free(parked);
	if (n != 0)
		return n;
	return claim_due(db, by, &due, claims);
}

int
task_claim_unbound(struct db *db, const struct task_claimer *by,
    const char *const *queues, size_t n_queues, size_t max,
    const uint8_t *without, size_t n_without, struct task_claim *claims)
{
	return claim_due(db, by,
	    &(struct due){.queues = queues,
		.n_queues = n_queues,
		.max = max,
		.is_unbound = 1,
		.without = without,
		.n_without = n_without},
	    claims);
}

uint8_t *
task_claim_args(
    struct db_args *a, const struct task_claim *const *claims, size_t n)
{
	uint8_t *ids = x_calloc(n + 1, DIGEST_UUID);
	int32_t *attempts = x_calloc(n + 1, sizeof(*attempts));

	for (size_t i = 0; i < n; i++) {
		memcpy(ids + i * DIGEST_UUID, claims[i]->id, DIGEST_UUID);
		attempts[i] = claims[i]->attempt;
	}
	db_arg_uuids(a, ids, n);
	db_arg_ints(a, attempts, n);
	free(attempts);
	return ids;
}
