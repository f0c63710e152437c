#include "store/task_record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_task_record.h"
#include "store/task_claim.h"

struct recording {
	const struct task_result *results;
	size_t n;
	const struct task_claim *const *done;
	size_t n_done;
	uint8_t *retries; /* ids of new tasks */
	size_t n_retries;
};

/* A new task for each job, queue and delay; retry_task_of makes it. */
struct retry_task {
	const struct task_claim *from;
	int32_t delay;
};

static size_t
retry_task_of(struct recording *rec, struct retry_task *made,
    const struct task_result *result)
{
	int32_t delay = (int32_t)ceil(result->delay_seconds);
	size_t i;

	for (i = 0; i < rec->n_retries; i++)
		if (made[i].delay == delay &&
		    memcmp(made[i].from->job, result->task->job, DIGEST_UUID) ==
			0 &&
		    strcmp(made[i].from->queue, result->task->queue) == 0)
			return i;
	made[i].from = result->task;
	made[i].delay = delay;
	digest_uuid7(rec->retries + i * DIGEST_UUID);
	rec->n_retries++;
	return i;
}

static int
insert_retries(
    struct db *db, const struct recording *rec, const struct retry_task *made)
{
	struct db_args a = {0};
	uint8_t *from = x_calloc(rec->n_retries + 1, DIGEST_UUID);
	int32_t *delays = x_calloc(rec->n_retries + 1, sizeof(*delays));
	int64_t n;

	for (size_t i = 0; i < rec->n_retries; i++) {
		memcpy(from + i * DIGEST_UUID, made[i].from->id, DIGEST_UUID);
		delays[i] = made[i].delay;
	}
	db_arg_uuids(&a, rec->retries, rec->n_retries);
	db_arg_uuids(&a, from, rec->n_retries);
	db_arg_ints(&a, delays, rec->n_retries);
	n = db_do(db, sql_add_retries, &a);
	db_args_free(&a);
	free(from);
	free(delays);
	return n == -1 ? -1 : 0;
}

/* The columns of the results as arguments $1 to $13. */
static void
arg_results(struct db_args *a, struct recording *rec, struct retry_task *made)
{
	size_t n = rec->n;
	uint8_t *task = x_calloc(3 * n + 1, DIGEST_UUID);
	uint8_t *document = task + n * DIGEST_UUID;
	uint8_t *new_task = document + n * DIGEST_UUID;
	int32_t *attempt = x_calloc(6 * n + 1, sizeof(*attempt));
	int32_t *burn = attempt + n, *chunks = burn + n, *ms = chunks + n;
	int32_t *failed = ms + n, *parked = failed + n;
	const char **status = x_calloc(4 * n + 1, sizeof(*status));
	const char **stage = status + n, **error = stage + n;
	const char **first_error = error + n;

	for (size_t i = 0; i < n; i++) {
		const struct task_result *r = &rec->results[i];

		memcpy(task + i * DIGEST_UUID, r->task->id, DIGEST_UUID);
		memcpy(document + i * DIGEST_UUID, r->document, DIGEST_UUID);
		if (!r->stored && r->retry)
			memcpy(new_task + i * DIGEST_UUID,
			    rec->retries +
				retry_task_of(rec, made, r) * DIGEST_UUID,
			    DIGEST_UUID);
		attempt[i] = r->task->attempt;
		burn[i] = r->burn != 0;
		chunks[i] = r->stored ? r->chunks : -1;
		ms[i] = r->milliseconds;
		failed[i] = r->failed_chunks;
		first_error[i] = r->first_error;
		parked[i] = r->parked != 0;
		status[i] = r->stored  ? "stored"
			    : r->retry ? "pending"
				       : "failed";
		stage[i] = r->stage;
		error[i] = r->error;
	}
	db_arg_uuids(a, task, n);
	db_arg_ints(a, attempt, n);
	db_arg_uuids(a, document, n);
	db_arg_texts(a, status, n);
	db_arg_uuids(a, new_task, n);
	db_arg_ints(a, burn, n);
	db_arg_ints(a, chunks, n);
	db_arg_ints(a, ms, n);
	db_arg_texts(a, stage, n);
	db_arg_texts(a, error, n);
	db_arg_ints(a, failed, n);
	db_arg_texts(a, first_error, n);
	db_arg_ints(a, parked, n);
	free(task);
	free(attempt);
	free(status);
}

/*
 * The ledger of collections, for documents that were stored by a store of the
 * user: pl-store writes it itself.
 */
static int
note_stored(struct db *db, const struct recording *rec)
{
	uint8_t *task = x_calloc(2 * rec->n + 1, DIGEST_UUID);
	uint8_t *document = task + rec->n * DIGEST_UUID;
	struct db_args a = {0};
	size_t n = 0;
	int64_t done = 0;

	for (size_t i = 0; i < rec->n; i++) {
		const struct task_result *r = &rec->results[i];

		if (!r->by_user)
			continue;
		memcpy(task + n * DIGEST_UUID, r->task->id, DIGEST_UUID);
		memcpy(document + n++ * DIGEST_UUID, r->document, DIGEST_UUID);
	}
	db_arg_uuids(&a, task, n);
	if (n > 0)
		done = db_do(db, sql_add_collections, &a);
	db_arg_uuids(&a, document, n);
	if (n > 0 && done != -1)
		done = db_do(db, sql_note_stored, &a);
	db_args_free(&a);
	free(task);
	return done == -1 ? -1 : 0;
}

static int
drop_empty_retries(struct db *db, const struct recording *rec)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuids(&a, rec->retries, rec->n_retries);
	n = db_do(db, sql_drop_empty, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
finish_claims(struct db *db, const struct recording *rec)
{
	struct db_args a = {0};
	int64_t n;

	free(task_claim_args(&a, rec->done, rec->n_done));
	n = db_do(db, sql_finish, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
record_work(struct db *db, void *argument)
{
	struct recording *rec = argument;
	struct db_args a = {0};
	struct retry_task *made = x_calloc(rec->n + 1, sizeof(*made));
	int written = 0;

	rec->n_retries = 0;
	arg_results(&a, rec, made);
	if (rec->n_retries > 0 && insert_retries(db, rec, made) == -1)
		written = -1;
	if (written != -1 && rec->n > 0)
		written = db_count(db, sql_record, &a);
	db_args_free(&a);
	free(made);
	if (written > 0 && note_stored(db, rec) == -1)
		written = -1;
	if (written != -1 && rec->n_retries > 0 && (size_t)written < rec->n &&
	    drop_empty_retries(db, rec) == -1)
		written = -1;
	if (written != -1 && rec->n_done > 0 && finish_claims(db, rec) == -1)
		written = -1;
	return written;
}

int
task_record(struct db *db, const struct task_result *results, size_t n,
    const struct task_claim *const *done, size_t n_done, uint8_t **retries,
    size_t *n_retries)
{
	struct recording rec = {.results = results,
	    .n = n,
	    .done = done,
	    .n_done = n_done,
	    .retries = x_calloc(n + 1, DIGEST_UUID)};
	int written = db_transact(db, DB_KEYED, record_work, &rec);

	if (written == -1 || rec.n_retries == 0) {
		free(rec.retries);
		rec.retries = NULL;
		rec.n_retries = 0;
	}
	*retries = rec.retries;
	*n_retries = rec.n_retries;
	return written;
}
