#include "worker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yyjson.h>

#include "buf.h"
#include "cli.h"
#include "db.h"
#include "docs.h"
#include "pauses.h"
#include "rec.h"
#include "sync.h"
#include "xalloc.h"

enum {
	LOAD_DOCUMENTS = 128,
	LOAD_BYTES = 4 << 20,
	HELD_RETRY = 5,	   /* seconds until a task held elsewhere is seen */
	BACKOFF_FIRST = 1, /* seconds */
	BACKOFF_MOST = 60,
	REDIS_PAUSE = 2,  /* seconds until Redis is asked again */
	TAKE_SECONDS = 2, /* what was asked for is left there no longer */
	AHEAD = 10	  /* a part of a second's work is claimed ahead */
};

double
worker_now(struct worker *w)
{
	return w->now = cli_now();
}

/* Lists. */

void
items_init(struct items *list)
{
	*list = (struct items){.last = &list->first};
}

void
items_push(struct items *list, struct item *item)
{
	item->next = NULL;
	*list->last = item;
	list->last = &item->next;
	list->n++;
	list->bytes += item->document->bytes;
}

void
items_push_front(struct items *list, struct item *item)
{
	item->next = list->first;
	if (list->first == NULL)
		list->last = &item->next;
	list->first = item;
	list->n++;
	list->bytes += item->document->bytes;
}

void
items_remove(struct items *list, struct item *item)
{
	struct item **at = &list->first;

	while (*at != item)
		at = &(*at)->next;
	*at = item->next;
	if (item->next == NULL)
		list->last = at;
	list->n--;
	list->bytes -= item->document->bytes;
}

struct item *
items_pop(struct items *list)
{
	struct item *item = list->first;

	if (item != NULL)
		items_remove(list, item);
	return item;
}

/* Failures of services. */

void
worker_redis_failed(struct worker *w, const char *doing)
{
	if (!w->redis_down)
		cli_warn("Redis: %s: %s: going on from Postgres", doing,
		    queue_error(w->queue));
	w->redis_down = 1;
	w->redis_at = w->now + REDIS_PAUSE;
}

/* Whether Redis should be asked now. */
static int
redis_is_up(struct worker *w)
{
	if (w->redis_down && w->now >= w->redis_at) {
		if (queue_ping(w->queue) < 0) {
			w->redis_at = w->now + REDIS_PAUSE;
		} else {
			cli_warn("Redis: is back");
			w->redis_down = 0;
			w->sync_at = w->now;
		}
	}
	return !w->redis_down;
}

void
worker_db_failed(struct worker *w, const char *doing)
{
	struct timespec pause = {.tv_nsec = 200000000};

	if (db_fault(w->db) != DB_UNAVAILABLE && db_fault(w->db) != DB_CONFLICT)
		cli_die(CLI_FAILED, "Postgres: %s: %s", doing, db_error(w->db));
	if (w->db_lost_at == 0) {
		cli_warn(
		    "Postgres: %s: %s: trying again", doing, db_error(w->db));
		w->db_lost_at = w->now;
	}
	if (w->options.burst &&
	    w->now - w->db_lost_at > (double)w->options.retry_for / 1000)
		cli_die(CLI_UNAVAILABLE,
		    "Postgres: %s: gave up; the tasks go to other workers",
		    db_error(w->db));
	nanosleep(&pause, NULL);
}

static void
db_answered(struct worker *w)
{
	if (w->db_lost_at != 0)
		cli_warn("Postgres: is back");
	w->db_lost_at = 0;
}

/* Claiming. */

static struct work *
add_work(struct worker *w, struct tasks_claim *claim)
{
	struct work *work = x_calloc(1, sizeof(*work));
	char id[DIGEST_UUID_TEXT];

	work->claim = *claim;
	work->open = claim->n;
	digest_uuid_text(claim->id, id);
	snprintf(work->lease, sizeof(work->lease), "%s:%d", id, claim->attempt);
	for (size_t i = 0; i < claim->n; i++) {
		struct item *item = x_calloc(1, sizeof(*item));

		item->work = work;
		item->document = &work->claim.documents[i];
		/* Whoever crashed the last worker is found alone. */
		item->suspect = claim->crashes > 1;
		w->suspects += (size_t)item->suspect;
		items_push(&w->waiting, item);
	}
	w->work[w->works++] = work;
	if (w->busy_since == 0)
		w->busy_since = w->now;
	return work;
}

static void
mark_probe(struct worker *w, struct work *work, int probe)
{
	w->probes += (size_t)probe - (size_t)work->probe;
	work->probe = probe;
}

/* What Redis had and Postgres did not give us. */
static void
settle_unclaimed(
    struct worker *w, struct queue_claim *order, enum tasks_fate fate)
{
	int done;

	switch (fate) {
	case TASKS_ENDED:
		done = queue_complete(w->queue, w->name, order, NULL);
		break;
	case TASKS_HELD:
	case TASKS_OPEN:
		done = queue_retry(w->queue, w->name, order, HELD_RETRY);
		break;
	default:
		cli_warn("task %s: its job %s is not in the database: filed "
			 "as failed",
		    order->id, order->job_id);
		done = queue_fail(
		    w->queue, w->name, order, "no such job in the pl database");
		break;
	}
	if (done == -1)
		worker_redis_failed(w, "settling a task");
	queue_claim_free(order);
}

/* Orders that can be run have their binary id in ids; others are failed. */
static size_t
check_orders(
    struct worker *w, struct queue_claim *orders, size_t n, uint8_t *ids)
{
	size_t good = 0;

	for (size_t i = 0; i < n; i++) {
		const char *why = orders[i].malformed;

		if (why == NULL &&
		    digest_uuid_parse(orders[i].id, strlen(orders[i].id),
			ids + good * DIGEST_UUID) == -1)
			why = "the task's id is not a UUID";
		if (why == NULL) {
			orders[good++] = orders[i];
			continue;
		}
		cli_warn("task %s: %s: filed as failed", orders[i].id, why);
		if (queue_fail(w->queue, w->name, &orders[i], why) == -1)
			worker_redis_failed(w, "failing a task");
		queue_claim_free(&orders[i]);
	}
	return good;
}

static void
release_orders(struct worker *w, struct queue_claim *orders, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!w->redis_down &&
		    queue_release(w->queue, w->name, &orders[i]) == -1)
			worker_redis_failed(w, "handing a task back");
		queue_claim_free(&orders[i]);
	}
}

/*
 * Another program, say Python's RQ, queued a task of a job that we have: take
 * it in. Returns how many were claimed, their claims behind those there.
 */
static int
adopt_orders(struct worker *w, const struct queue_claim *orders,
    const uint8_t *ids, size_t n, const enum tasks_fate *fate,
    struct tasks_claim *claims)
{
	int claimed = 0, one;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *id = ids + i * DIGEST_UUID;
		uint8_t job[DIGEST_UUID];

		if (fate[i] != TASKS_UNKNOWN ||
		    digest_uuid_parse(
			orders[i].job_id, strlen(orders[i].job_id), job) == -1)
			continue;
		one = tasks_adopt(w->db, id, job, orders[i].queue,
		    (const uint8_t *)orders[i].document_ids, orders[i].count);
		if (one == 1)
			one = tasks_claim(
			    w->db, w->name, id, 1, claims + claimed);
		if (one == -1)
			return -1;
		claimed += one;
	}
	return claimed;
}

static int
claim_orders(struct worker *w, struct queue_claim *orders, size_t n)
{
	uint8_t ids[WORKER_WORKS_MAX * DIGEST_UUID];
	struct tasks_claim claims[WORKER_WORKS_MAX];
	enum tasks_fate fate[WORKER_WORKS_MAX] = {TASKS_UNKNOWN};
	int claimed, adopted = 0;

	n = check_orders(w, orders, n, ids);
	if (n == 0)
		return 0;
	claimed = tasks_claim(w->db, w->name, ids, n, claims);
	if (claimed != -1 && claimed < (int)n) {
		adopted = tasks_fates(w->db, ids, n, fate);
		if (adopted == 0)
			adopted = adopt_orders(
			    w, orders, ids, n, fate, claims + claimed);
	}
	if (adopted > 0)
		claimed += adopted;
	if (claimed == -1 || adopted == -1) {
		/* What was claimed goes back by its lease. */
		for (int i = 0; i < claimed; i++)
			tasks_claim_free(&claims[i]);
		release_orders(w, orders, n);
		worker_db_failed(w, "claiming");
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		struct work *work = NULL;

		for (int k = 0; k < claimed; k++)
			if (memcmp(claims[k].id, ids + i * DIGEST_UUID,
				DIGEST_UUID) == 0)
				work = add_work(w, &claims[k]);
		if (work != NULL) {
			work->order = orders[i];
			work->in_redis = 1;
			mark_probe(w, work, orders[i].probe);
		} else {
			settle_unclaimed(w, &orders[i], fate[i]);
		}
	}
	return claimed;
}

/* A line each. */
static void
warn_notes(const char *notes)
{
	while (notes != NULL && *notes != '\0') {
		int n = (int)strcspn(notes, "\n");

		cli_warn("%.*s", n, notes);
		notes += n + (notes[n] == '\n');
	}
}

/* What was asked for; how many, 0 also when Redis failed. */
static int
take_orders(struct worker *w, struct queue_claim *orders)
{
	int n = queue_take(w->queue, orders);

	w->asked_at = 0;
	warn_notes(queue_note(w->queue));
	if (n == -1)
		worker_redis_failed(w, "claiming");
	return n > 0 ? n : 0;
}

static void
ask_redis(struct worker *w, size_t max)
{
	if (queue_ask(w->queue, w->options.queues, w->options.n_queues, w->name,
		max) == -1)
		worker_redis_failed(w, "claiming");
	else
		w->asked_at = w->now;
}

static int
claim_from_redis(struct worker *w)
{
	struct queue_claim orders[WORKER_WORKS_MAX];
	int n = take_orders(w, orders);

	return n > 0 ? claim_orders(w, orders, (size_t)n) : 0;
}

static int
claim_from_postgres(struct worker *w, size_t max)
{
	struct tasks_claim claims[WORKER_WORKS_MAX];
	int n = tasks_claim_due(w->db, w->name, w->options.queues,
	    w->options.n_queues, max, claims);

	if (n == -1) {
		worker_db_failed(w, "claiming");
		return -1;
	}
	for (int i = 0; i < n; i++)
		mark_probe(w, add_work(w, &claims[i]), claims[i].probe);
	return n;
}

/* How many tasks there is room for. */
static size_t
room_for_tasks(const struct worker *w)
{
	double size = w->task_documents > 1 ? w->task_documents : 1;
	/* What quick stages will have done soon is claimed in one go. */
	size_t room = w->options.window + (size_t)(w->pace / AHEAD), max;

	if (w->waiting.n * 2 > room || w->suspects > 0 || w->probes > 0)
		return 0;
	max = 1 + (size_t)((double)(room - w->waiting.n) / size);
	return max < WORKER_WORKS_MAX - w->works ? max
						 : WORKER_WORKS_MAX - w->works;
}

/* Note what came of a claim. */
static int
claimed(struct worker *w, int n, size_t waiting_before)
{
	if (n > 0) {
		db_answered(w);
		w->task_documents = (double)(w->waiting.n - waiting_before) / n;
	} else {
		w->claim_at = w->now + (w->redis_down ? 0.5 : 0.02);
	}
	return n;
}

/* Whether what was asked for is wanted, or would lose its lease. */
static int
is_time_to_take(const struct worker *w)
{
	return w->asked_at > 0 && (w->waiting.n < w->options.window ||
				      w->now - w->asked_at > TAKE_SECONDS);
}

int
worker_claim(struct worker *w)
{
	size_t before = w->waiting.n, max = 0;
	int n = 0;

	if (is_time_to_take(w))
		n = claimed(w, claim_from_redis(w), before);
	if (w->asked_at == 0 && w->now >= w->claim_at)
		max = room_for_tasks(w);
	if (max > 0 && redis_is_up(w))
		ask_redis(w, max);
	before = w->waiting.n;
	if (w->asked_at > 0 && w->works == 0)
		n = claimed(w, claim_from_redis(w), before);
	if (max > 0 && w->redis_down)
		n = claimed(w, claim_from_postgres(w, max), before);
	return n;
}

int
worker_open_tasks(struct worker *w)
{
	int n = tasks_open(w->db, w->options.queues, w->options.n_queues);

	if (n == -1)
		worker_db_failed(w, "counting tasks");
	else
		db_answered(w);
	return n;
}

/* Loading. */

struct loading {
	struct item *item[LOAD_DOCUMENTS];
	size_t n;
};

static void
got_line(void *argument, const uint8_t *id, const char *line, size_t len)
{
	struct loading *l = argument;

	for (size_t i = 0; i < l->n; i++) {
		struct item *item = l->item[i];
		struct buf b = {0};

		if (item->line != NULL ||
		    memcmp(item->document->id, id, DIGEST_UUID) != 0)
			continue;
		/* The lease goes in before the closing brace. */
		buf_add(&b, line, len - 1);
		buf_printf(&b, ",\"lease\":\"%s\"}\n", item->work->lease);
		item->line = b.data;
		item->len = b.len;
	}
}

int
worker_load(struct worker *w, struct item *first)
{
	struct loading l = {.n = 0};
	uint8_t ids[LOAD_DOCUMENTS * DIGEST_UUID];
	size_t bytes = 0;

	for (struct item *i = first;
	     i != NULL && l.n < LOAD_DOCUMENTS && bytes < LOAD_BYTES;
	     i = i->next) {
		if (i->line != NULL)
			continue;
		memcpy(ids + l.n * DIGEST_UUID, i->document->id, DIGEST_UUID);
		bytes += i->document->bytes;
		l.item[l.n++] = i;
	}
	if (l.n == 0)
		return 0;
	if (docs_load(w->db, ids, l.n, got_line, &l) == -1) {
		worker_db_failed(w, "loading documents");
		return -1;
	}
	db_answered(w);
	for (size_t i = 0; i < l.n; i++) {
		struct rec_error error = REC_ERROR_INIT;

		if (l.item[i]->line != NULL)
			continue;
		error.stage = "worker";
		error.class = REC_INPUT;
		error.code = "no_content";
		error.message = "the document was deleted or has no content";
		items_remove(&w->waiting, l.item[i]);
		worker_failed(w, l.item[i], &error);
	}
	return 0;
}

/* Results. */

static void
free_item(struct worker *w, struct item *item)
{
	w->suspects -= (size_t)item->suspect;
	item->work->open--;
	free(item->line);
	free(item);
}

static struct tasks_result *
add_result(struct worker *w, struct item *item)
{
	struct result *r;

	if (w->results == w->results_cap) {
		w->results_cap = w->results_cap ? 2 * w->results_cap : 64;
		w->result =
		    x_realloc(w->result, w->results_cap, sizeof(*w->result));
	}
	if (w->results == 0)
		w->flush_at = w->now + 0.2;
	r = &w->result[w->results++];
	*r = (struct result){.work = item->work};
	r->entry.task = &item->work->claim;
	r->entry.document = item->document->id;
	r->entry.milliseconds =
	    item->sent_at > 0 ? (int)((w->now - item->sent_at) * 1000 + 0.5)
			      : -1;
	return &r->entry;
}

/* Parked queues. */

static void
park(struct worker *w, const struct work *work, const char *reason)
{
	const char *queue = work->claim.queue;

	switch (pauses_park(w->db, queue, reason)) {
	case 0:
		return;
	case -1:
		cli_warn("Postgres: parking: %s", db_error(w->db));
	}
	cli_warn("queue %s: parked: %s: it is probed every %d minutes, "
		 "'pl-jobctl resume %s' opens it",
	    queue, reason, PAUSES_PROBE_SECONDS / 60, queue);
	if (!w->redis_down &&
	    queue_pause(w->queue, queue, reason, PAUSES_PROBE_SECONDS,
		PAUSES_PROBE_SECONDS) == -1)
		worker_redis_failed(w, "parking a queue");
}

/* The probe was stored: what the queue lacked is there again. */
static void
unpark(struct worker *w, struct work *work)
{
	const char *queue = work->claim.queue;

	mark_probe(w, work, 0);
	switch (pauses_unpark(w->db, queue)) {
	case 0:
		return;
	case -1:
		cli_warn("Postgres: resuming: %s", db_error(w->db));
		return;
	}
	cli_warn("queue %s: the probe was stored: open again", queue);
	if (!w->redis_down && queue_resume(w->queue, queue) == -1)
		worker_redis_failed(w, "resuming a queue");
}

void
worker_stored(struct worker *w, struct item *item, int chunks)
{
	if (!item->work->dropped) {
		struct tasks_result *r = add_result(w, item);

		r->stored = 1;
		r->chunks = chunks;
		item->work->stored++;
		if (item->work->probe)
			unpark(w, item->work);
	}
	free_item(w, item);
}

/* Capped exponential backoff with full jitter (seconds). */
static double
backoff(int attempts, double at_least)
{
	double most = ldexp(BACKOFF_FIRST, attempts < 16 ? attempts : 16);
	uint8_t random[DIGEST_UUID];

	if (most > BACKOFF_MOST)
		most = BACKOFF_MOST;
	digest_uuid7(random);
	most *= (double)(random[14] << 8 | random[15]) / 65535;
	return most > at_least ? most : at_least;
}

static char *
error_json(const struct rec_error *e)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	char *json;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "stage", e->stage);
	yyjson_mut_obj_add_str(doc, root, "class", rec_class_name(e->class));
	if (e->code != NULL)
		yyjson_mut_obj_add_str(doc, root, "code", e->code);
	if (e->message != NULL)
		yyjson_mut_obj_add_str(doc, root, "message", e->message);
	if (e->chunk >= 0)
		yyjson_mut_obj_add_int(doc, root, "chunk", e->chunk);
	json = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	return json;
}

/* Write down a failure. Frees the item. */
static void
fail_item(struct worker *w, struct item *item, const struct rec_error *error)
{
	struct work *work = item->work;
	int attempts = item->document->attempts;
	struct tasks_result *r;

	if (work->dropped) {
		free_item(w, item);
		return;
	}
	r = add_result(w, item);
	switch (error->class) {
	case REC_TRANSIENT:
	case REC_THROTTLED:
		r->burn = 1;
		r->retry = attempts + 1 < work->claim.max_attempts;
		r->delay_seconds = backoff(attempts, error->retry_after);
		break;
	case REC_QUOTA:
		r->retry = 1;
		r->delay_seconds = 1;
		break;
	default:
		r->burn = 1;
		break;
	}
	w->result[w->results - 1].stage = x_strdup(error->stage);
	w->result[w->results - 1].error = error_json(error);
	r->stage = w->result[w->results - 1].stage;
	r->error = w->result[w->results - 1].error;
	if (r->retry)
		work->retried++;
	else
		work->failed++;
	free_item(w, item);
}

/*
 * A quota is used up: what else was to be sent of the queue would fail as
 * well, and is not sent.
 */
static void
hold_back(struct worker *w, const char *queue, const struct rec_error *error)
{
	struct item *item = w->waiting.first, *next;

	for (; item != NULL; item = next) {
		next = item->next;
		if (strcmp(item->work->claim.queue, queue) != 0)
			continue;
		items_remove(&w->waiting, item);
		fail_item(w, item, error);
	}
}

void
worker_failed(
    struct worker *w, struct item *item, const struct rec_error *error)
{
	struct work *work = item->work;
	int is_first = 1;

	if (error->class != REC_QUOTA || work->dropped) {
		fail_item(w, item, error);
		return;
	}
	/* Those in flight fail one by one; once is enough to say so. */
	for (size_t i = 0; i < w->works; i++)
		is_first &=
		    !w->work[i]->parked ||
		    strcmp(w->work[i]->claim.queue, work->claim.queue) != 0;
	fail_item(w, item, error);
	if (is_first)
		park(w, work, error->message ? error->message : "quota");
	work->parked = 1;
	mark_probe(w, work, 0);
	hold_back(w, work->claim.queue, error);
}

static void
free_work(struct worker *w, struct work *work)
{
	size_t i = 0;

	mark_probe(w, work, 0);

	while (w->work[i] != work)
		i++;
	w->work[i] = w->work[--w->works];
	if (work->in_redis)
		queue_claim_free(&work->order);
	tasks_claim_free(&work->claim);
	free(work);
	if (w->works == 0 && w->busy_since != 0) {
		w->busy_ms += (int64_t)((w->now - w->busy_since) * 1000);
		w->busy_since = 0;
	}
}

static void
stopped_in_redis(struct worker *w, const struct queue_claim *order)
{
	if (!w->redis_down &&
	    queue_stopped(w->queue, w->name, order,
		"stopped by command: 'pl-jobctl retry' queues its documents "
		"again") == -1)
		worker_redis_failed(w, "stopping a task");
}

/* Tell Redis of works that are done. It may be away: Postgres knows. */
static void
complete_in_redis(struct worker *w, struct work *const *done, size_t n)
{
	const struct queue_claim *claims[WORKER_WORKS_MAX];
	char text[WORKER_WORKS_MAX][96];
	const char *results[WORKER_WORKS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (!done[i]->in_redis)
			continue;
		if (done[i]->stopped) {
			stopped_in_redis(w, &done[i]->order);
			continue;
		}
		snprintf(text[count], sizeof(text[count]),
		    "{\"stored\": %zu, \"failed\": %zu, \"retried\": %zu}",
		    done[i]->stored, done[i]->failed, done[i]->retried);
		results[count] = text[count];
		claims[count++] = &done[i]->order;
	}
	if (count > 0 && !w->redis_down &&
	    queue_complete_later(w->queue, w->name, claims, results, count) ==
		-1)
		worker_redis_failed(w, "completing tasks");
}

static void
push_retries(struct worker *w, const uint8_t *ids, size_t n)
{
	uint64_t pushed;

	if (n == 0 || w->redis_down)
		return;
	switch (sync_push(w->db, w->queue, ids, n, &pushed)) {
	case SYNC_QUEUE:
		worker_redis_failed(w, "queueing retries");
		break;
	case SYNC_DB:
		cli_note("Postgres: queueing retries: %s", db_error(w->db));
		break;
	case SYNC_OK:
		break;
	}
}

/* How quick we are, for worker_claim; the half of it is the latest news. */
static void
keep_pace(struct worker *w, int written)
{
	double seconds = worker_now(w) - w->paced_at;

	w->pace = w->pace / 2;
	if (w->paced_at > 0 && seconds > 0)
		w->pace += (double)written / seconds / 2;
	w->paced_at = w->now;
}

int
worker_flush(struct worker *w)
{
	const struct tasks_claim *claims[WORKER_WORKS_MAX];
	struct work *done[WORKER_WORKS_MAX];
	struct tasks_result *entries;
	uint8_t *retries;
	size_t n = 0, n_done = 0, n_retries;
	int written;

	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->open == 0) {
			claims[n_done] = &w->work[i]->claim;
			done[n_done++] = w->work[i];
		}
	if (w->results == 0 && n_done == 0)
		return 0;
	entries = x_calloc(w->results + 1, sizeof(*entries));
	for (size_t i = 0; i < w->results; i++)
		if (!w->result[i].work->dropped)
			entries[n++] = w->result[i].entry;
	written = tasks_record(
	    w->db, entries, n, claims, n_done, &retries, &n_retries);
	free(entries);
	if (written == -1) {
		worker_db_failed(w, "writing the ledger");
		return -1;
	}
	db_answered(w);
	if ((size_t)written < n)
		cli_warn("%zu results came too late: their tasks are not ours "
			 "any more",
		    n - (size_t)written);
	keep_pace(w, written);
	w->done_documents += written;
	w->done_tasks += (int64_t)n_done;
	push_retries(w, retries, n_retries);
	free(retries);
	complete_in_redis(w, done, n_done);
	for (size_t i = 0; i < w->results; i++) {
		free(w->result[i].stage);
		free(w->result[i].error);
	}
	w->results = 0;
	for (size_t i = 0; i < n_done; i++)
		free_work(w, done[i]);
	return 0;
}

/* Leases. */

void
worker_drop(struct worker *w, struct work *work, const char *why)
{
	struct item *item = w->waiting.first, *next;
	int in_flight = 0;

	cli_warn("task %.36s: %s", work->lease, why);
	work->dropped = 1;
	for (; item != NULL; item = next) {
		next = item->next;
		if (item->work == work) {
			items_remove(&w->waiting, item);
			free_item(w, item);
		}
	}
	for (item = w->flight.first; item != NULL; item = item->next)
		in_flight |= item->work == work;
	if (in_flight)
		worker_abort_pipeline(w);
}

static void
renew_in_redis(struct worker *w)
{
	const struct queue_claim *claims[WORKER_WORKS_MAX];
	struct work *of[WORKER_WORKS_MAX];
	int lost[WORKER_WORKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->in_redis && !w->work[i]->dropped) {
			claims[n] = &w->work[i]->order;
			of[n++] = w->work[i];
		}
	if (n == 0)
		return;
	if (queue_renew(w->queue, w->name, claims, n, lost) == -1) {
		worker_redis_failed(w, "renewing leases");
		return;
	}
	/* Redis forgot, or gave it away; Postgres still says that it is ours.
	 */
	for (size_t i = 0; i < n; i++)
		if (lost[i]) {
			queue_claim_free(&of[i]->order);
			of[i]->in_redis = 0;
		}
}

static void
beat_in_redis(struct worker *w)
{
	struct queue_worker me = {.name = w->name,
	    .queues = w->options.queues,
	    .count = w->options.n_queues,
	    .pid = w->pid,
	    .host = w->host};

	if (redis_is_up(w))
		renew_in_redis(w);
	if (!w->redis_down &&
	    queue_worker_heartbeat(w->queue, &me,
		w->works > 0 ? QUEUE_WORKER_BUSY : QUEUE_WORKER_IDLE) == -1)
		worker_redis_failed(w, "heartbeat");
}

static int
renew_leases(struct worker *w)
{
	const struct tasks_claim *claims[WORKER_WORKS_MAX];
	struct work *of[WORKER_WORKS_MAX];
	enum tasks_state state[WORKER_WORKS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < w->works; i++)
		if (!w->work[i]->dropped) {
			claims[n] = &w->work[i]->claim;
			of[n++] = w->work[i];
		}
	if (n == 0)
		return 0;
	if (tasks_renew(w->db, claims, n, state) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		switch (state[i]) {
		case TASKS_MINE:
			break;
		case TASKS_LOST:
			worker_drop(w, of[i],
			    "its lease is no longer held: taken over, or its "
			    "job ended");
			break;
		case TASKS_CANCELED:
			worker_drop(w, of[i], "its job was canceled");
			break;
		case TASKS_TIMED_OUT:
			if (tasks_time_out(w->db) == -1)
				return -1;
			worker_drop(w, of[i], "its job ran too long");
			break;
		}
	return 0;
}

int
worker_beat(struct worker *w, const char *status)
{
	struct tasks_worker me = {.name = w->name,
	    .host = w->host,
	    .pid = w->pid,
	    .queues = w->options.queues,
	    .n_queues = w->options.n_queues,
	    .status = status,
	    .tasks = w->done_tasks,
	    .documents = w->done_documents};
	double since = w->busy_since;

	beat_in_redis(w);
	if (since != 0) {
		w->busy_ms += (int64_t)((w->now - since) * 1000);
		w->busy_since = w->now;
	}
	me.busy_milliseconds = w->busy_ms;
	if (renew_leases(w) == -1 || tasks_beat(w->db, &me) == -1) {
		worker_db_failed(w, "renewing leases");
		return -1;
	}
	db_answered(w);
	w->done_tasks = w->done_documents = w->busy_ms = 0;
	return 0;
}

/* Recovery. */

static void
reap_redis(struct worker *w)
{
	for (size_t i = 0; i < w->options.n_queues && !w->redis_down; i++)
		if (queue_reap(w->queue, w->options.queues[i], NULL) == -1)
			worker_redis_failed(w, "reaping");
}

static void
promote(struct worker *w)
{
	for (size_t i = 0; i < w->options.n_queues && !w->redis_down; i++)
		if (queue_promote(w->queue, w->options.queues[i]) == -1)
			worker_redis_failed(w, "promoting");
}

static void
note_repair(void *argument, const struct sync_repair *r)
{
	(void)argument;
	cli_note("sync: %s%s%s: %s", r->what, r->task ? " " : "",
	    r->task ? r->task : "", r->message);
}

void
worker_sync(struct worker *w)
{
	struct sync_options options = {.report = note_repair};
	uint64_t repaired;

	if (!redis_is_up(w) && w->now < w->sync_at)
		return;
	if (w->now >= w->promote_at) {
		promote(w);
		w->promote_at = w->now + 1;
	}
	if (w->now >= w->reap_at) {
		/* A dead worker's lease: everybody looks, whoever comes first.
		 */
		int reaped = tasks_reap(w->db);

		if (reaped == -1)
			worker_db_failed(w, "reaping");
		/* Redis may have lost what is pending again: tell it now. */
		if (reaped > 0)
			w->sync_at = w->now;
		reap_redis(w);
		w->reap_at = w->now + 5;
	}
	if (w->now < w->sync_at)
		return;
	w->sync_at = w->now + 30;
	switch (sync_run(
	    w->db, w->redis_down ? NULL : w->queue, &options, &repaired)) {
	case SYNC_DB:
		worker_db_failed(w, "sync");
		break;
	case SYNC_QUEUE:
		worker_redis_failed(w, "sync");
		break;
	case SYNC_OK:
		if (repaired > 0)
			cli_note("sync: %llu repaired",
			    (unsigned long long)repaired);
		break;
	}
}

void
worker_release(struct worker *w)
{
	const struct tasks_claim *claims[WORKER_WORKS_MAX];
	struct queue_claim orders[WORKER_WORKS_MAX];
	uint8_t ids[WORKER_WORKS_MAX * DIGEST_UUID];
	size_t n = 0;

	if (w->asked_at > 0)
		release_orders(w, orders, (size_t)take_orders(w, orders));
	for (size_t i = 0; i < w->works; i++)
		if (!w->work[i]->dropped) {
			memcpy(ids + n * DIGEST_UUID, w->work[i]->claim.id,
			    DIGEST_UUID);
			claims[n++] = &w->work[i]->claim;
		}
	if (n > 0 && tasks_release(w->db, claims, n) == -1)
		cli_warn("Postgres: handing tasks back: %s: their leases will "
			 "lapse",
		    db_error(w->db));
	for (size_t i = 0; i < w->works; i++)
		if (w->work[i]->in_redis && !w->redis_down &&
		    queue_release(w->queue, w->name, &w->work[i]->order) == -1)
			worker_redis_failed(w, "handing tasks back");
	if (n > 0 && !w->redis_down && tasks_queued(w->db, ids, n) == -1)
		cli_note("Postgres: %s", db_error(w->db));
	w->now = worker_now(w);
	while (w->waiting.first != NULL || w->flight.first != NULL)
		free_item(
		    w, items_pop(w->waiting.first ? &w->waiting : &w->flight));
	while (w->works > 0)
		free_work(w, w->work[0]);
}
