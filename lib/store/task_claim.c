#include "store/task_claim.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_task_claim.h"
#include "store/pause.h"

struct claiming {
	const char *sql;
	struct db_args *args;
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

static int
claim_work(struct db *db, void *argument)
{
	struct claiming *c = argument;
	struct db_result *r = db_run_binary(db, c->sql, c->args);
	struct db_args ids = {0};
	uint8_t *id;
	int ok = -1;

	forget_claims(c);
	if (r == NULL)
		return -1;
	id = x_calloc((size_t)db_rows(r) + 1, DIGEST_UUID);
	for (; c->n < db_rows(r); c->n++) {
		read_claim(&c->claims[c->n], r, c->n);
		memcpy(
		    id + c->n * DIGEST_UUID, c->claims[c->n].id, DIGEST_UUID);
	}
	db_result_free(r);
	db_arg_uuids(&ids, id, (size_t)c->n);
	free(id);
	if (c->n == 0) {
		ok = 0;
	} else if (db_do(db, sql_start_jobs, &ids) != -1 &&
		   (r = db_run_binary(db, sql_start_documents, &ids)) != NULL) {
		read_documents(c, r);
		db_result_free(r);
		ok = 0;
	}
	db_args_free(&ids);
	return ok;
}

static int
claim_with(struct db *db, const char *sql, struct db_args *args,
    struct task_claim *claims)
{
	struct claiming c = {.sql = sql, .args = args, .claims = claims};
	int ok = db_transact(db, DB_KEYED, claim_work, &c);

	db_args_free(args);
	if (ok == -1)
		forget_claims(&c);
	return ok == -1 ? -1 : c.n;
}

static int
claim_named(struct db *db, const char *worker, const uint8_t *ids, size_t n,
    struct task_claim *claims)
{
	struct db_args a = {0};

	db_arg_text(&a, worker);
	db_arg_uuids(&a, ids, n);
	db_arg_int(&a, PERIOD_LEASE);
	return claim_with(db, sql_claim_named, &a, claims);
}

/* Each alone, as the database refuses one of them. */
static int
claim_apart(struct db *db, const struct task_claimer *by, const uint8_t *ids,
    size_t n, struct task_claim *claims)
{
	int claimed = 0;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *id = ids + i * DIGEST_UUID;
		int one = claim_named(db, by->worker, id, 1, claims + claimed);

		if (one != -1) {
			claimed += one;
			continue;
		}
		if (db_fault(db) != DB_DATA) {
			while (claimed > 0)
				task_claim_free(&claims[--claimed]);
			return -1;
		}
		by->refused(by->argument, id, db_error(db));
	}
	return claimed;
}

int
task_claim(struct db *db, const struct task_claimer *by, const uint8_t *ids,
    size_t n, struct task_claim *claims)
{
	int claimed = claim_named(db, by->worker, ids, n, claims);

	if (claimed == -1 && db_fault(db) == DB_DATA)
		return claim_apart(db, by, ids, n, claims);
	return claimed;
}

/* Which of the due ones to take. */
struct due {
	const char *const *queues;
	size_t n_queues, max;
	int even_paused;
	const uint8_t *without;
	size_t n_without;
};

static void
arg_due(struct db_args *a, const struct due *due)
{
	db_arg_texts(a, due->queues, due->n_queues);
	db_arg_int(a, (int64_t)due->max);
	db_arg_bool(a, due->even_paused);
	db_arg_uuids(a, due->without, due->n_without);
}

static int
claim_some_due(struct db *db, const struct task_claimer *by,
    const struct due *due, struct task_claim *claims)
{
	struct db_args a = {0};
	uint8_t *ids;
	size_t n;
	int claimed;

	arg_due(&a, due);
	db_arg_text(&a, by->worker);
	db_arg_int(&a, PERIOD_LEASE);
	claimed = claim_with(db, sql_claim_due, &a, claims);
	if (claimed != -1 || db_fault(db) != DB_DATA)
		return claimed;
	arg_due(&a, due);
	ids = db_ids(db, sql_find_due, &a, &n);
	db_args_free(&a);
	if (ids == NULL)
		return -1;
	claimed = claim_apart(db, by, ids, n, claims);
	free(ids);
	return claimed;
}

int
task_claim_due(struct db *db, const struct task_claimer *by,
    const char *const *queues, size_t n_queues, size_t max,
    const uint8_t *without, size_t n_without, struct task_claim *claims)
{
	struct due due = {queues, n_queues, max, 0, without, n_without};
	char *parked;
	int n = 0;

	if (pause_take_probe(db, queues, n_queues, &parked) == -1)
		return -1;
	if (parked != NULL) {
		struct due probe = {
		    (const char *const *)&parked, 1, 1, 1, without, n_without};

		n = claim_some_due(db, by, &probe, claims);
	}
	for (int i = 0; i < n; i++)
		claims[i].probe = 1;
	free(parked);
	if (n != 0)
		return n;
	return claim_some_due(db, by, &due, claims);
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
