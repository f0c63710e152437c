#include "store/intake_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "sql_intake_work.h"
#include "store/intake_task.h"

enum { KEEP = 16 << 20, TASKS_PER_WORKER = 8 };

static void
add_task(struct intake_work *w, const uint8_t *documents, size_t n)
{
	struct intake_task *t;

	w->task = x_grow(w->task, w->n, &w->cap, sizeof(*w->task));
	t = &w->task[w->n++];
	digest_uuid7(t->id);
	t->n = n;
	t->documents = (uint8_t *)x_memdup(documents, n * DIGEST_UUID);
}

static int
is_open(const struct intake_work *w, const uint8_t *id)
{
	for (size_t at = 0; at < w->open.len; at += DIGEST_UUID)
		if (memcmp(w->open.data + at, id, DIGEST_UUID) == 0)
			return 1;
	return 0;
}

/* Append to work the documents of earlier saves that are still open. */
static int
take_open(struct intake_work *w, struct buf *work)
{
	struct db_args *a = &w->args;
	uint8_t *ids;
	size_t n;

	if (w->dry_run || w->open.len == 0) {
		buf_add(work, w->open.data, w->open.len);
		return 0;
	}
	db_args_reset(a);
	db_arg_uuid(a, w->job);
	db_arg_uuids(
	    a, (const uint8_t *)w->open.data, w->open.len / DIGEST_UUID);
	ids = db_ids(w->db, sql_find_open, a, &n);
	if (ids == NULL)
		return -1;
	buf_add(work, ids, n * DIGEST_UUID);
	free(ids);
	return 0;
}

/* Append to work the documents that were just copied and need a task. */
static int
take_new(struct intake_work *w, struct buf *work)
{
	uint8_t *ids;
	size_t n;

	db_args_reset(&w->args);
	db_arg_uuid(&w->args, w->job);
	ids = db_ids(w->db, sql_find_work, &w->args, &n);
	if (ids == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!is_open(w, ids + i * DIGEST_UUID))
			buf_add(work, ids + i * DIGEST_UUID, DIGEST_UUID);
	free(ids);
	return 0;
}

static int
write_tasks(struct intake_work *w, size_t first)
{
	uint8_t *tasks = x_calloc(w->n - first + 1, DIGEST_UUID);
	struct db_args *a = &w->args;
	int64_t n;

	for (size_t i = first; i < w->n; i++)
		memcpy(tasks + (i - first) * DIGEST_UUID, w->task[i].id,
		    DIGEST_UUID);
	db_args_reset(a);
	db_arg_uuid(a, w->job);
	db_arg_text(a, w->queue);
	db_arg_int(a, w->delay_seconds);
	db_arg_uuids(a, tasks, w->n - first);
	db_arg_int(a, w->run_at);
	n = db_do(w->db, sql_add_tasks, a);
	free(tasks);
	return n == -1 ? -1 : 0;
}

/*
 * Write the n documents of work to the job. The first in_tasks of them get the
 * tasks from first on, each documents a task.
 */
static int
write_work(struct intake_work *w, const uint8_t *work, size_t n,
    size_t in_tasks, size_t each, size_t first)
{
	uint8_t *task_of = x_calloc(n + 1, DIGEST_UUID);
	struct db_args *a = &w->args;
	int64_t done;

	for (size_t i = 0; i < in_tasks; i++)
		memcpy(task_of + i * DIGEST_UUID, w->task[first + i / each].id,
		    DIGEST_UUID);
	db_args_reset(a);
	db_arg_uuid(a, w->job);
	db_arg_uuids(a, work, n);
	db_arg_uuids(a, task_of, n);
	done = db_do(w->db, sql_add_work, a);
	free(task_of);
	return done == -1 ? -1 : 0;
}

/* How many documents fill a task, when n more documents need one. */
static size_t
documents_in_task(const struct intake_work *w, size_t n)
{
	size_t most = w->task_documents > 0 ? w->task_documents : 1;
	size_t share;

	if (w->workers == 0)
		return most;
	share = (w->given + n) / (w->workers * TASKS_PER_WORKER);
	share = share > 0 ? share : 1;
	return share < most ? share : most;
}

int
intake_work_save(struct intake_work *w, int with_new, int all)
{
	size_t n, whole, first = w->n;
	size_t each;
	struct buf work = {0};
	const uint8_t *ids;
	int status = -1;

	if (take_open(w, &work) == -1 || (with_new && take_new(w, &work) == -1))
		goto out;
	ids = (const uint8_t *)work.data;
	n = work.len / DIGEST_UUID;
	each = documents_in_task(w, n);
	whole = all ? n : n - n % each;
	for (size_t i = 0; i < whole; i += each)
		add_task(w, ids + i * DIGEST_UUID,
		    whole - i < each ? whole - i : each);
	buf_reset(&w->open_next, KEEP);
	if (n > whole)
		buf_add(&w->open_next, ids + whole * DIGEST_UUID,
		    (n - whole) * DIGEST_UUID);
	/* A dry run has rolled back the documents of earlier saves. */
	if (n > 0 && !w->dry_run &&
	    ((whole > 0 && write_tasks(w, first) == -1) ||
		write_work(w, ids, n, whole, each, first) == -1))
		goto out;
	w->given_next = w->given + whole;
	status = 0;
out:
	buf_free(&work);
	return status;
}

void
intake_work_undo(struct intake_work *w, size_t n)
{
	while (w->n > n)
		free(w->task[--w->n].documents);
}

void
intake_work_committed(struct intake_work *w)
{
	struct buf open = w->open;

	w->open = w->open_next;
	w->open_next = open;
	w->given = w->given_next;
}

void
intake_work_free(struct intake_work *w)
{
	intake_work_undo(w, 0);
	free(w->task);
	buf_free(&w->open);
	buf_free(&w->open_next);
	db_args_free(&w->args);
}
