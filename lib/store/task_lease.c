#include "store/task_lease.h"

#include <stdlib.h>
#include <string.h>

#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_task_lease.h"
#include "store/task_claim.h"

/* The index of an id in ids; n if it is not there. */
static size_t
index_of(const uint8_t *ids, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(ids + i * DIGEST_UUID, id, DIGEST_UUID) == 0)
			return i;
	return n;
}

static int
find_canceled(
    struct db *db, const uint8_t *ids, size_t n, enum task_state *states)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuids(&a, ids, n);
	r = db_run_binary(db, sql_canceled, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (int row = 0; row < db_rows(r); row++) {
		size_t i = index_of(ids, n, db_text(r, row, 0));

		if (i < n)
			states[i] = TASK_CANCELED;
	}
	db_result_free(r);
	return 0;
}

int
task_renew(struct db *db, const struct task_claim *const *claims, size_t n,
    enum task_state *states)
{
	struct db_args a = {0};
	uint8_t *ids = task_claim_args(&a, claims, n);
	struct db_result *r;
	int status = 0;
	size_t renewed = 0;

	db_arg_int(&a, PERIOD_LEASE);
	r = db_run_binary(db, sql_renew, &a);
	db_args_free(&a);
	if (r == NULL) {
		free(ids);
		return -1;
	}
	for (size_t i = 0; i < n; i++)
		states[i] = TASK_LOST;
	for (int row = 0; row < db_rows(r); row++) {
		size_t i = index_of(ids, n, db_text(r, row, 0));

		if (i == n)
			continue;
		states[i] = *db_text(r, row, 1) ? TASK_TIMED_OUT : TASK_MINE;
		renewed++;
	}
	db_result_free(r);
	if (renewed < n)
		status = find_canceled(db, ids, n, states);
	free(ids);
	return status;
}

int
task_note_alone(
    struct db *db, const struct task_claim *claim, const uint8_t *document)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuid(&a, claim->id);
	db_arg_int(&a, claim->attempt);
	db_arg_uuid(&a, document);
	n = db_do(db, sql_note_alone, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

int
task_release(struct db *db, const struct task_claim *const *claims, size_t n)
{
	struct db_args a = {0};
	int released;

	free(task_claim_args(&a, claims, n));
	released = db_count(db, sql_release, &a);
	db_args_free(&a);
	return released;
}
