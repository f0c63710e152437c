#include "store/pause.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_values.h"

/* Run a statement; its arguments are freed. */
static int64_t
change(struct db *db, const char *sql, struct db_args *a)
{
	int64_t n = db_do(db, sql, a);

	db_args_free(a);
	return n;
}

int
pause_set(struct db *db, const char *queue, const char *reason)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	db_arg_text(&a, reason);
	return change(db,
		   "insert into pl.queues as q (name, paused_at, reason)"
		   " values ($1, now(), $2) on conflict (name) do update"
		   " set paused_at = coalesce(q.paused_at, now()),"
		   " reason = excluded.reason, probe_at = null",
		   &a) == -1
		   ? -1
		   : 0;
}

int
pause_end(struct db *db, const char *queue)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	return change(db,
		   "update pl.queues set paused_at = null, reason = null,"
		   " probe_at = null where name = $1",
		   &a) == -1
		   ? -1
		   : 0;
}

int
pause_park(struct db *db, const char *queue, const char *reason)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	db_arg_text(&a, reason);
	db_arg_int(&a, PAUSE_PROBE_SECONDS);
	return (int)change(db,
	    "insert into pl.queues as q (name, paused_at, reason, probe_at)"
	    " values ($1, now(), $2, now() + $3 * interval '1 second')"
	    " on conflict (name) do update"
	    " set paused_at = coalesce(q.paused_at, now()),"
	    " reason = excluded.reason, probe_at = excluded.probe_at"
	    " where q.paused_at is null or q.probe_at is not null",
	    &a);
}

int
pause_unpark(struct db *db, const char *queue)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	return (int)change(db,
	    "update pl.queues set paused_at = null, reason = null,"
	    " probe_at = null where name = $1 and probe_at is not null",
	    &a);
}

int
pause_take_probe(
    struct db *db, const char *const *queues, size_t n, char **name)
{
	struct db_args a = {0};
	struct db_result *r;

	*name = NULL;
	db_arg_texts(&a, queues, n);
	db_arg_int(&a, PAUSE_PROBE_SECONDS);
	r = db_run(db,
	    "update pl.queues set probe_at = now() + $2 * interval '1 second'"
	    " where name = (select name from pl.queues q"
	    "  where name = any($1) and paused_at is not null"
	    "  and probe_at <= now() and exists (select from pl.tasks t"
	    "   where t.queue = q.name and t.finished_at is null"
	    "   and t.status in ('pending', 'queued') and t.run_at <= now())"
	    "  order by array_position($1, name) limit 1"
	    "  for update skip locked) returning name",
	    &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	if (db_rows(r) > 0)
		*name = x_strdup(db_text(r, 0, 0));
	db_result_free(r);
	return 0;
}

int
pause_note_probe(struct db *db, const char *queue)
{
	struct db_args a = {0};

	db_arg_text(&a, queue);
	db_arg_int(&a, PAUSE_PROBE_SECONDS);
	return change(db,
		   "update pl.queues"
		   " set probe_at = now() + $2 * interval '1 second'"
		   " where name = $1 and paused_at is not null"
		   " and probe_at is not null",
		   &a) == -1
		   ? -1
		   : 0;
}

int
pause_list(struct db *db, struct pause **list, size_t *n)
{
	struct db_result *r = db_run(db,
	    "select name, paused_at is not null, coalesce(reason, ''),"
	    " case when probe_at is null then 0 else greatest(1,"
	    "  ceil(extract(epoch from probe_at - now())))::bigint end"
	    " from pl.queues",
	    NULL);

	if (r == NULL)
		return -1;
	*n = (size_t)db_rows(r);
	*list = x_calloc(*n + 1, sizeof(**list));
	for (size_t i = 0; i < *n; i++) {
		int row = (int)i;

		(*list)[i] = (struct pause){
		    .queue = x_strdup(db_text(r, row, 0)),
		    .reason = db_bool(r, row, 1) ? x_strdup(db_text(r, row, 2))
						 : NULL,
		    .probe_seconds = db_int(r, row, 3)};
	}
	db_result_free(r);
	return 0;
}

void
pause_list_free(struct pause *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].queue);
		free(list[i].reason);
	}
	free(list);
}
