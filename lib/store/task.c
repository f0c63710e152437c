#include "store/task.h"

#include "net/db.h"
#include "net/db_values.h"

static const char fates_of[] =
    "select n::int, case status when 'completed' then 1"
    "  when 'failed' then 4 when 'canceled' then 5 else case"
    " when status = 'in_progress' and lease_expires_at >= now() then 2"
    " else 3 end end from unnest($1::uuid[]) with ordinality as a(id, n)"
    " join pl.tasks using (id)";

int
task_open(
    struct db *db, const char *const *queues, size_t n_queues, int64_t *paused)
{
	static const char sql[] =
	    "select count(*) filter (where not held),"
	    " count(*) filter (where held) from pl.tasks t"
	    " cross join lateral (select t.status <> 'in_progress' and exists"
	    "  (select from pl.queues q where q.name = t.queue"
	    "   and q.paused_at is not null"
	    "   and (q.probe_at is null or q.probe_at > now()))) as h(held)"
	    " where queue = any($1) and finished_at is null"
	    " and run_at <= now() + interval '1 minute'";
	struct db_args a = {0};
	struct db_result *r;
	int open;

	db_arg_texts(&a, queues, n_queues);
	r = db_run(db, sql, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	open = (int)db_int(r, 0, 0);
	*paused = db_int(r, 0, 1);
	db_result_free(r);
	return open;
}

int
task_fates(struct db *db, const uint8_t *ids, size_t n, enum task_fate *found)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuids(&a, ids, n);
	r = db_run_binary(db, fates_of, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		found[i] = TASK_UNKNOWN;
	for (int row = 0; row < db_rows(r); row++) {
		size_t i = (size_t)db_binary_int4(r, row, 0) - 1;

		found[i] = (enum task_fate)db_binary_int4(r, row, 1);
	}
	db_result_free(r);
	return 0;
}
