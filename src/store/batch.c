/* The batch: one transaction for several documents, and its troubles. */
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/num.h"
#include "base/time.h"
#include "net/db.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

/* Output. */

/* A task's documents share a fate, and a line. */
void
store_tell_stale(struct store *s)
{
	if (s->stale > 0)
		cli_warn("task %s: its lease is no longer held, as it was "
			 "canceled or taken over: %" PRIu64 " document%s not "
			 "written",
		    s->stale_task, s->stale, s->stale == 1 ? "" : "s");
	s->stale = 0;
}

static void
count_stale(struct store *s, const struct store_document *doc)
{
	char task[DIGEST_UUID_TEXT];

	digest_uuid_text(doc->task, task);
	if (strcmp(task, s->stale_task) != 0)
		store_tell_stale(s);
	memcpy(s->stale_task, task, sizeof(task));
	s->stale++;
	cli_note("document %s: %s", doc->id_text, doc->why.data);
}

static void
put_error(struct store *s, struct record_error *e)
{
	e->stage = "store";
	if (e->code != NULL && strcmp(e->code, "stale_lease") == 0)
		;
	else if (e->document_id != NULL && e->chunk >= 0)
		cli_warn("document %s: chunk %" PRId64 ": %s", e->document_id,
		    e->chunk, e->message);
	else if (e->document_id != NULL)
		cli_warn("document %s: %s", e->document_id, e->message);
	else
		cli_warn("line %" PRIu64 ": %s", e->line, e->message);
	s->partial = 1;
	output_check(record_put_error(s->out, e));
}

void
store_error(struct store *s, const struct record_error *e)
{
	struct record_error copy = *e;

	store_close_batch(s);
	put_error(s, &copy);
}

static void
put_stored(struct store *s, const struct store_document *doc)
{
	yyjson_mut_doc *out = record_new(s->out, "stored");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(out);

	yyjson_mut_obj_add_str(out, root, "document_id", doc->id_text);
	yyjson_mut_obj_add_str(out, root, "collection", s->v.name);
	yyjson_mut_obj_add_int(out, root, "chunks", doc->chunks);
	if (doc->failed > 0)
		yyjson_mut_obj_add_int(out, root, "failed_chunks", doc->failed);
	if (doc->lease != NULL)
		yyjson_mut_obj_add_str(out, root, "lease", doc->lease);
	output_check(record_put(s->out, out));
	s->stored++;
	if (doc->failed > 0)
		s->partial = 1;
}

static void
put_document(struct store *s, const struct store_document *doc)
{
	struct record_error e = RECORD_ERROR_INIT;

	if (doc->fate == STORE_GOOD) {
		put_stored(s, doc);
		return;
	}
	if (strcmp(doc->code, "stale_lease") == 0)
		count_stale(s, doc);
	e.class = doc->class;
	e.code = doc->code;
	e.message = doc->why.data;
	e.document_id = doc->id_text;
	e.url = doc->url;
	e.lease = doc->lease;
	put_error(s, &e);
}

/* Trying again. */

/* The server is away: wait, unless it has been away for too long. */
static int
wait_for_server(struct store *s, int failures)
{
	static const struct backoff away = {0.05, 2, 0.5};
	double now = time_now(), left;
	char how_long[32];

	if (s->retry_until <= 0) {
		s->retry_until = now + s->retry_for;
		num_format_duration(s->retry_for, how_long);
		if (s->retry_for > 0)
			cli_warn("Postgres: %s; trying again for %s",
			    db_error(s->db), how_long);
	}
	left = s->retry_until - now;
	if (left <= 0)
		return 0;
	/* What is already stored need not wait. */
	output_check(record_flush(s->out));
	time_sleep(fmin(backoff_wait(&away, failures), left));
	return 1;
}

/*
 * After so many failures in a row: whether the same should be tried again,
 * after a pause. A lock that others hold may be let go, too.
 */
static int
try_again(struct store *s, int failures)
{
	return (db_fault(s->db) == DB_UNAVAILABLE ||
		   db_fault(s->db) == DB_CONFLICT) &&
	       wait_for_server(s, failures);
}

static void
server_is_back(struct store *s)
{
	if (s->retry_until > 0)
		cli_note("Postgres: answers again");
	s->retry_until = 0;
}

/* Refuse a document for what the database said. */
static void
refuse_by_fault(struct store *s, struct store_document *doc)
{
	/* What only an operator can end: a full disk, a read-only server. */
	static const char *const quota[] = {"53100", "25006", NULL};
	/* Out of memory, statement_timeout, an I/O error. */
	static const char *const passing[] = {"53200", "57014", "58030", NULL};
	const char *state = db_sqlstate(s->db), *why = db_error(s->db);

	switch (db_fault(s->db)) {
	case DB_UNAVAILABLE:
		s->unavailable = 1;
		store_refuse(
		    doc, RECORD_TRANSIENT, "unavailable", "Postgres: %s", why);
		return;
	case DB_CONFLICT:
		store_refuse(doc, RECORD_TRANSIENT, "conflict",
		    "Postgres: %s (%s)", why, state);
		return;
	case DB_DATA:
		store_refuse(doc, RECORD_INPUT, "refused_by_database",
		    "Postgres: %s (%s)", why, state);
		return;
	case DB_CONFIG:
		store_refuse(doc, RECORD_CONFIG, "database_config",
		    "Postgres: %s (%s)", why, state);
		return;
	default:
		break;
	}
	for (int i = 0; quota[i] != NULL; i++)
		if (strcmp(state, quota[i]) == 0) {
			store_refuse(doc, RECORD_QUOTA, "database_full",
			    "Postgres: %s (%s)", why, state);
			return;
		}
	for (int i = 0; passing[i] != NULL; i++)
		if (strcmp(state, passing[i]) == 0) {
			store_refuse(doc, RECORD_TRANSIENT, "database_busy",
			    "Postgres: %s (%s)", why, state);
			return;
		}
	store_refuse(doc, RECORD_INTERNAL, "database_failed",
	    "Postgres: %s (%s)", why, state);
}

/* The collection. */

/* Look it up again. 1 when it is not what the rows were made for. */
static int
has_changed(struct store *s)
{
	struct collection now = {0};
	int found = 0, changed;

	memcpy(now.name, s->v.name, sizeof(now.name));
	if (collection_find(s->db, &now, &found) == -1)
		return 0;
	changed = !found || now.type != s->v.type ||
		  now.dimensions != s->v.dimensions ||
		  strcmp(now.table, s->v.table) != 0 ||
		  strcmp(now.model, s->v.model) != 0;
	if (changed) {
		collection_forget(&s->v);
		s->generation++;
	}
	collection_forget(&now);
	return changed;
}

static int
find_or_create(struct store *s, const char *model, size_t width)
{
	int found;

	if (collection_find(s->db, &s->v, &found) == -1)
		return -1;
	return found ? 0
		     : collection_create(
			   s->db, &s->v, model, (int)width, s->distance);
}

int
store_know_collection(struct store *s, struct store_document *doc,
    const char *model, size_t width)
{
	int failures = 0;

	if (*s->v.table != '\0')
		return 0;
	while (find_or_create(s, model, width) == -1)
		if (!try_again(s, ++failures)) {
			refuse_by_fault(s, doc);
			return -1;
		}
	server_is_back(s);
	return 0;
}

/* Storing. */

static void
judge(struct store_document *doc, enum collection_verdict verdict)
{
	if (verdict == COLLECTION_STALE)
		store_refuse(doc, RECORD_INTERNAL, "stale_lease",
		    "the lease %s is no longer held: nothing was written",
		    doc->lease);
	else if (verdict == COLLECTION_SUPERSEDED)
		store_refuse(doc, RECORD_TRANSIENT, "superseded",
		    "newer content was saved meanwhile, and is processed by "
		    "its own task: nothing was written");
	else if (verdict == COLLECTION_UNKNOWN &&
		 (doc->source == NULL || doc->url == NULL))
		store_refuse(doc, RECORD_INPUT, "unknown_document",
		    "it is not in the database, and its end record does not "
		    "name its source and url");
	else if (verdict == COLLECTION_UNKNOWN)
		store_refuse(doc, RECORD_INPUT, "unknown_document",
		    "it is not in the database, where another document has "
		    "its source and url");
}

static void
describe(const struct store_document *doc, struct collection_document *to)
{
	*to = (struct collection_document){.source = doc->source,
	    .url = doc->url,
	    .title = doc->title,
	    .content_hash = doc->content_hash,
	    .has_lease = doc->lease != NULL,
	    .attempt = doc->attempt,
	    .chunks = (int32_t)doc->chunks,
	    .rows = &doc->rows};
	memcpy(to->id, doc->id, sizeof(to->id));
	memcpy(to->task, doc->task, sizeof(to->task));
}

static void store_documents(
    struct store *s, struct store_document **docs, size_t n);

/*
 * The transaction failed for good. When one document may be at fault, each is
 * tried alone, so that only that one is refused.
 */
static void
settle(struct store *s, struct store_document **docs, size_t n)
{
	int may_be_one = db_fault(s->db) == DB_DATA ||
			 strcmp(db_sqlstate(s->db), "57014") == 0;
	int may_be_table =
	    db_fault(s->db) == DB_DATA || db_fault(s->db) == DB_CONFIG;

	if (n == 1 || !may_be_one)
		for (size_t i = 0; i < n; i++)
			refuse_by_fault(s, docs[i]);
	if (*s->v.table != '\0' && may_be_table && has_changed(s)) {
		for (size_t i = 0; i < n; i++) {
			docs[i]->fate = STORE_GOOD;
			buf_reset(&docs[i]->why, 0);
			store_refuse(docs[i], RECORD_TRANSIENT,
			    "collection_changed",
			    "collection %s was changed by another program "
			    "meanwhile: run it again",
			    s->v.name);
		}
		return;
	}
	if (n > 1 && may_be_one)
		for (size_t i = 0; i < n; i++)
			store_documents(s, docs + i, 1);
}

/* Without any chunk the collection is not looked up before. */
static int
replace(struct store *s, struct collection_document *docs, size_t n)
{
	int found;

	if (*s->v.table == '\0' && collection_find(s->db, &s->v, &found) == -1)
		return -1;
	return collection_replace(s->db, &s->v, docs, n);
}

static void
store_documents(struct store *s, struct store_document **docs, size_t n)
{
	struct collection_document *to = x_calloc(n, sizeof(*to));
	int failures = 0;
	int status;

	for (size_t i = 0; i < n; i++)
		describe(docs[i], &to[i]);
	/* Also after a COMMIT whose answer was lost: the result is the same. */
	do
		status = replace(s, to, n);
	while (status == -1 && try_again(s, ++failures));
	if (status == 0) {
		server_is_back(s);
		for (size_t i = 0; i < n; i++)
			judge(docs[i], to[i].verdict);
	} else {
		settle(s, docs, n);
	}
	free(to);
}

static void
store_good_ones(struct store *s)
{
	struct store_document **docs =
	    x_calloc(s->n_documents, sizeof(struct store_document *));
	size_t n = 0;

	for (size_t i = 0; i < s->n_items; i++) {
		struct store_document *doc = s->items[i].doc;

		if (doc == NULL || doc->fate != STORE_GOOD)
			continue;
		if (doc->chunks > 0 && doc->generation != s->generation)
			store_refuse(doc, RECORD_TRANSIENT,
			    "collection_changed",
			    "collection %s was changed by another program "
			    "meanwhile: run it again",
			    s->v.name);
		else
			docs[n++] = doc;
	}
	if (n > 0)
		store_documents(s, docs, n);
	free(docs);
}

void
store_close_batch(struct store *s)
{
	if (s->n_items == 0)
		return;
	if (s->n_documents > 0)
		store_good_ones(s);
	for (size_t i = 0; i < s->n_items; i++) {
		struct store_item *item = &s->items[i];

		if (item->doc == NULL) {
			output_check(record_pass(
			    s->out, s->held.data + item->at, item->len));
			continue;
		}
		put_document(s, item->doc);
		store_release(s, item->doc);
	}
	s->n_items = s->n_documents = s->bytes = 0;
	buf_reset(&s->held, 1 << 20);
	progress_update(s->progress, s->stored);
}

/* The batch. */

static void
add_item(struct store *s, struct store_item item)
{
	if (s->n_items == s->cap_items) {
		s->cap_items = s->cap_items ? 2 * s->cap_items : 64;
		s->items = x_realloc(s->items, s->cap_items, sizeof(*s->items));
	}
	s->items[s->n_items++] = item;
	if (s->n_documents >= s->batch_documents || s->bytes >= s->batch_bytes)
		store_close_batch(s);
}

void
store_pass(struct store *s, const char *line, size_t n)
{
	struct store_item item = {.at = s->held.len, .len = n};

	if (s->n_items == 0) {
		output_check(record_pass(s->out, line, n));
		return;
	}
	buf_add(&s->held, line, n);
	s->bytes += n + sizeof(item);
	add_item(s, item);
}

static int
is_in_batch(const struct store *s, const struct store_document *doc)
{
	for (size_t i = 0; i < s->n_items; i++)
		if (s->items[i].doc != NULL &&
		    memcmp(s->items[i].doc->id, doc->id, DIGEST_UUID) == 0)
			return 1;
	return 0;
}

void
store_add(struct store *s, struct store_document *doc)
{
	/* Of one document's two versions the later one must win. */
	if (is_in_batch(s, doc))
		store_close_batch(s);
	s->n_documents++;
	s->bytes += doc->rows.len + doc->strings.len;
	add_item(s, (struct store_item){.doc = doc});
}
