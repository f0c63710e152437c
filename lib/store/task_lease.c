#include "store/task_lease.h"

#include <stdlib.h>
#include <string.h>

#include "net/db.h"
#include "net/db_values.h"
#include "store/task_claim.h"

static const char renew[] =
    "with c as (select * from unnest($1::uuid[], $2::int[]) as c(id, attempt)),"
    " t as (update pl.tasks t"
    "  set lease_expires_at = now() + interval '15 seconds' from c"
    "  where t.id = c.id and t.attempt = c.attempt"
    "  and t.status = 'in_progress' returning t.id, t.job_id)"
    " select t.id, extract(epoch from now() - j.started_at)"
    "  > j.timeout_seconds as late from t join pl.jobs j on j.id = t.job_id";

static const char canceled[] =
    "select id from pl.tasks where id = any($1) and status = 'canceled'";

/* Where an id stands among ids; n when it does not. */
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
	r = db_run_binary(db, canceled, &a);
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
	struct db_result *r = db_run_binary(db, renew, &a);
	int status = 0;
	size_t renewed = 0;

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

/* What was begun waits again; for a task given up, it failed. */
#define GIVE_BACK                                                              \
	" j as (update pl.job_documents j set status = case"                   \
	"  when t.status = 'failed' then 'failed' else 'pending' end,"         \
	"  error = t.error, stage = case when t.status = 'failed'"             \
	"   then 'worker' end, finished_at = case when t.status = 'failed'"    \
	"   then now() end from t"                                             \
	"  where j.task_id = t.id and j.status in ('pending', 'processing')"   \
	"  returning j.document_id, j.status, j.error),"                       \
	" d as (update pl.documents d set status = j.status, error = j.error"  \
	"  from j where d.id = j.document_id"                                  \
	"  and (d.status = 'processing' or d.status <> j.status"               \
	"   and d.status = 'pending'))"                                        \
	" select count(*) from t"

static const char release[] =
    "with t as (update pl.tasks t set status = 'pending', worker = null,"
    "  lease_expires_at = null, error = null"
    "  from unnest($1::uuid[], $2::int[]) as c(id, attempt)"
    "  where t.id = c.id and t.attempt = c.attempt"
    "  and t.status = 'in_progress' returning t.id, t.status, "
    "t.error)," GIVE_BACK;

int
task_release(struct db *db, const struct task_claim *const *claims, size_t n)
{
	struct db_args a = {0};
	int released;

	free(task_claim_args(&a, claims, n));
	released = db_count(db, release, &a);
	db_args_free(&a);
	return released;
}
