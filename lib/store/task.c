#include "store/task.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_values.h"
#include "store/pause.h"
#include "store/task_private.h"

/*
 * A task is claimable when it waits and is due, or when the lease of whoever
 * had it lapsed; the latter counts as a crash. %s chooses the candidates.
 */
#define CLAIM(candidates)                                                      \
	"update pl.tasks t set attempt = t.attempt + 1,"                       \
	" status = 'in_progress', worker = $1,"                                \
	" crashes = t.crashes + (t.status = 'in_progress')::int,"              \
	" lease_expires_at = now() + interval '15 seconds',"                   \
	" started_at = coalesce(t.started_at, now())"                          \
	" from pl.jobs j, (" candidates ") c"                                  \
	" where t.id = c.id and j.id = t.job_id"                               \
	" returning t.id, t.job_id, t.queue, t.attempt, t.crashes,"            \
	" j.max_attempts"

static const char claim_named[] =
    CLAIM("select id from pl.tasks"
	  " where id = any($2) and (status in ('pending', 'queued')"
	  "  and run_at <= now() + interval '1 second'"
	  "  or status = 'in_progress' and lease_expires_at < now())"
	  " order by id for update skip locked");

static const char claim_due[] =
    CLAIM("select t.id from pl.tasks t"
	  " where t.finished_at is null and t.queue = any($2)"
	  "  and t.run_at <= now()"
	  "  and (t.status in ('pending', 'queued')"
	  "  or t.status = 'in_progress' and t.lease_expires_at < now())"
	  "  and ($4 or not exists (select from pl.queues q"
	  "   where q.name = t.queue and q.paused_at is not null))"
	  " order by array_position($2, t.queue), t.run_at, t.id"
	  " limit $3 for update of t skip locked");

static const char start_jobs[] =
    "update pl.jobs set status = 'in_progress',"
    " started_at = coalesce(started_at, now())"
    " where id in (select job_id from pl.tasks where id = any($1))"
    " and status in ('pending', 'queued')";

static const char start_documents[] =
    "with w as (update pl.job_documents set status = 'processing',"
    "  started_at = now() where task_id = any($1)"
    "  and status in ('pending', 'processing')"
    "  returning document_id, task_id, attempts),"
    " d as (update pl.documents d set status = 'processing' from w"
    "  where d.id = w.document_id and d.status in ('pending', 'failed'))"
    " select w.task_id, w.document_id, w.attempts,"
    " coalesce(octet_length(d.content), 0)"
    " from w join pl.documents d on d.id = w.document_id"
    " order by w.task_id, w.document_id";

static const char fates_of[] =
    "select n::int, case status when 'completed' then 1"
    "  when 'failed' then 4 when 'canceled' then 5 else case"
    " when status = 'in_progress' and lease_expires_at >= now() then 2"
    " else 3 end end from unnest($1::uuid[]) with ordinality as a(id, n)"
    " join pl.tasks using (id)";

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

static const char add_retries[] =
    "insert into pl.tasks (id, job_id, queue, run_at)"
    " select r.id, t.job_id, t.queue, now() + r.delay * interval '1 second'"
    " from unnest($1::uuid[], $2::uuid[], $3::int[])"
    "  as r(id, from_task, delay) join pl.tasks t on t.id = r.from_task";

/* The share lock makes a claim that comes meanwhile wait for our commit. */
static const char record[] =
    "with fence as (select id, attempt from pl.tasks where id = any($1)"
    "  and status = 'in_progress' for share),"
    " r as (select r.* from unnest($1::uuid[], $2::int[], $3::uuid[],"
    "  $4::text[], $5::uuid[], $6::int[], $7::int[], $8::int[], $9::text[],"
    "  $10::text[]) as r(task_id, attempt, document_id, status, new_task_id,"
    "  burn, chunks, milliseconds, stage, error)"
    "  join fence f on f.id = r.task_id and f.attempt = r.attempt),"
    " j as (update pl.job_documents j set status = r.status,"
    "  task_id = coalesce(nullif(r.new_task_id, uuid(lpad('', 32, '0'))),"
    "   j.task_id),"
    "  attempts = j.attempts + r.burn, stage = r.stage,"
    "  error = r.error::jsonb, chunks = nullif(r.chunks, -1),"
    "  milliseconds = nullif(r.milliseconds, -1),"
    "  finished_at = case when r.status <> 'pending' then now() end"
    "  from r where j.task_id = r.task_id and j.document_id = r.document_id"
    "  and j.status = 'processing'"
    "  returning j.document_id, j.status, j.error),"
    " d as (update pl.documents d set status = j.status, error = j.error,"
    "  processed_at = case when j.status = 'stored' then now()"
    "   else d.processed_at end"
    "  from j where d.id = j.document_id and d.status = 'processing')"
    " select count(*) from j";

static const char drop_empty[] =
    "delete from pl.tasks t where id = any($1) and not exists"
    " (select from pl.job_documents j where j.task_id = t.id)";

static const char finish[] =
    "update pl.tasks t set status = 'completed', finished_at = now(),"
    " lease_expires_at = null"
    " from unnest($1::uuid[], $2::int[]) as c(id, attempt)"
    " where t.id = c.id and t.attempt = c.attempt and t.status = 'in_progress'"
    " and not exists (select from pl.job_documents j where j.task_id = t.id"
    "  and j.status in ('pending', 'processing'))";

static const char beat[] =
    "insert into pl.workers as w (name, host, pid, queues, status, tasks,"
    " documents, busy_milliseconds) values ($1, $2, $3, $4, $5, $6, $7, $8)"
    " on conflict (name) do update set status = excluded.status,"
    " heartbeat_at = now(), tasks = w.tasks + excluded.tasks,"
    " documents = w.documents + excluded.documents,"
    " busy_milliseconds = w.busy_milliseconds + excluded.busy_milliseconds";

/* Claiming. */

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
	} else if (db_do(db, start_jobs, &ids) != -1 &&
		   (r = db_run_binary(db, start_documents, &ids)) != NULL) {
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

int
task_claim(struct db *db, const char *worker, const uint8_t *ids, size_t n,
    struct task_claim *claims)
{
	struct db_args a = {0};

	db_arg_text(&a, worker);
	db_arg_uuids(&a, ids, n);
	return claim_with(db, claim_named, &a, claims);
}

static int
claim_some_due(struct db *db, const char *worker, const char *const *queues,
    size_t n_queues, size_t max, int even_paused, struct task_claim *claims)
{
	struct db_args a = {0};

	db_arg_text(&a, worker);
	db_arg_texts(&a, queues, n_queues);
	db_arg_int(&a, (int64_t)max);
	db_arg_bool(&a, even_paused);
	return claim_with(db, claim_due, &a, claims);
}

int
task_claim_due(struct db *db, const char *worker, const char *const *queues,
    size_t n_queues, size_t max, struct task_claim *claims)
{
	char *parked;
	int n = 0;

	if (pause_take_probe(db, queues, n_queues, &parked) == -1)
		return -1;
	if (parked != NULL)
		n = claim_some_due(
		    db, worker, (const char *const *)&parked, 1, 1, 1, claims);
	for (int i = 0; i < n; i++)
		claims[i].probe = 1;
	free(parked);
	if (n != 0)
		return n;
	return claim_some_due(db, worker, queues, n_queues, max, 0, claims);
}

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

/* Where an id stands among ids; n when it does not. */
static size_t
index_of(const uint8_t *ids, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(ids + i * DIGEST_UUID, id, DIGEST_UUID) == 0)
			return i;
	return n;
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

uint8_t *
task_arg_claims(
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
	uint8_t *ids = task_arg_claims(&a, claims, n);
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

/* The ledger. */

struct recording {
	const struct task_result *results;
	size_t n;
	const struct task_claim *const *done;
	size_t n_done;
	uint8_t *retries; /* ids of new tasks */
	size_t n_retries;
};

/* The new task of each delay and job, made when first asked for. */
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
	n = db_do(db, add_retries, &a);
	db_args_free(&a);
	free(from);
	free(delays);
	return n == -1 ? -1 : 0;
}

/* The columns of the results as arguments $1 to $10. */
static void
arg_results(struct db_args *a, struct recording *rec, struct retry_task *made)
{
	size_t n = rec->n;
	uint8_t *task = x_calloc(3 * n + 1, DIGEST_UUID);
	uint8_t *document = task + n * DIGEST_UUID;
	uint8_t *new_task = document + n * DIGEST_UUID;
	int32_t *attempt = x_calloc(4 * n + 1, sizeof(*attempt));
	int32_t *burn = attempt + n, *chunks = burn + n, *ms = chunks + n;
	const char **status = x_calloc(3 * n + 1, sizeof(*status));
	const char **stage = status + n, **error = stage + n;

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
	free(task);
	free(attempt);
	free(status);
}

static int
drop_empty_retries(struct db *db, const struct recording *rec)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_uuids(&a, rec->retries, rec->n_retries);
	n = db_do(db, drop_empty, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
finish_claims(struct db *db, const struct recording *rec)
{
	struct db_args a = {0};
	int64_t n;

	free(task_arg_claims(&a, rec->done, rec->n_done));
	n = db_do(db, finish, &a);
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
		written = db_count(db, record, &a);
	db_args_free(&a);
	free(made);
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

int
task_beat(struct db *db, const struct task_worker *w)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, w->name);
	db_arg_text(&a, w->host);
	db_arg_int(&a, w->pid);
	db_arg_texts(&a, w->queues, w->n_queues);
	db_arg_text(&a, w->status);
	db_arg_int(&a, w->tasks);
	db_arg_int(&a, w->documents);
	db_arg_int(&a, w->busy_milliseconds);
	n = db_do(db, beat, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

int
task_retire(struct db *db, const char *name)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, name);
	n = db_do(db, "delete from pl.workers where name = $1", &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}
