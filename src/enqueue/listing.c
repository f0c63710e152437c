#include "listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/num.h"
#include "enqueue.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/error_record.h"
#include "record/listing_record.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "refusal.h"
#include "save.h"
#include "store/ingest_task.h"
#include "store/intake.h"
#include "store/prune.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/retry.h"

/*
 * Whether to try again after a failure of the database. Ends the process if
 * that does not help.
 */
static int
again(struct enqueue *e)
{
	enum db_fault fault = db_fault(e->db);

	if ((fault != DB_UNAVAILABLE && fault != DB_CONFLICT) ||
	    !retry_again(&e->away, e->db, NULL))
		enqueue_die_of_database(e);
	return 1;
}

void
enqueue_listing_begin(struct enqueue *e)
{
	while (prune_clock(e->db, e->listing.since) == -1 && again(e))
		;
	retry_answered(&e->away);
}

static struct enqueue_source *
source_of(struct enqueue *e, const struct document *doc)
{
	struct enqueue_listing *l = &e->listing;
	struct enqueue_source *s;

	for (size_t k = 0; k < l->n; k++) {
		size_t i = (l->latest + k) % l->n;

		if (memcmp(l->source[i].id, doc->source_id, DIGEST_UUID) == 0) {
			l->latest = i;
			return &l->source[i];
		}
	}
	l->source = x_realloc(l->source, l->n + 1, sizeof(*s));
	l->latest = l->n++;
	s = &l->source[l->latest];
	*s = (struct enqueue_source){
	    .name = doc->source.n > 0 ? x_memdup(doc->source.s, doc->source.n)
				      : x_strdup(DOCUMENT_SOURCE)};
	memcpy(s->id, doc->source_id, DIGEST_UUID);
	return s;
}

void
enqueue_listing_count(struct enqueue *e, const struct document *doc)
{
	source_of(e, doc)->documents++;
	if (e->options.docs.dry_run)
		id_set_add(&e->listing.seen, doc->uuid);
}

void
enqueue_listing_note_error(struct enqueue *e, const struct error_record *error)
{
	struct enqueue_listing *l = &e->listing;

	if (error->url != NULL)
		return;
	/* What is missing by a fault that passes is an error, too. */
	l->passes |=
	    error->class == ERROR_TRANSIENT || error->class == ERROR_THROTTLED;
	l->has_error = 1;
}

/* The source that a record names, and the url, if it has one, as a document. */
static struct document
subject_of(const struct enqueue *e, const struct record *r)
{
	struct document doc = {0};

	doc.source.s = record_str(r->root, "source", &doc.source.n);
	if (doc.source.n == 0 || e->options.defaults.override_source)
		doc.source = document_text(e->options.defaults.source);
	doc.url.s = record_str(r->root, "url", &doc.url.n);
	document_identify(&doc);
	return doc;
}

static void
take_listing(struct enqueue *e, const struct record *r)
{
	struct document doc = subject_of(e, r);
	struct listing_record listing = listing_record_get(r->root);
	struct enqueue_source *s = source_of(e, &doc);

	s->listings++;
	s->is_complete = listing.is_complete;
	s->listed = listing.documents;
}

/* Documents before it in the input are saved first. */
static void
take_deleted(struct enqueue *e, const struct record *r)
{
	struct document doc = subject_of(e, r);

	e->listing.dropped = 1;
	if (doc.url.n == 0) {
		struct error_record error = ERROR_RECORD_INIT;

		error.stage = "enqueue";
		error.class = ERROR_INPUT;
		error.code = "no_url";
		error.message = "a record of a deleted document needs its url";
		error.line = r->number;
		enqueue_refuse(e, &error);
		return;
	}
	if (e->options.docs.dry_run)
		return;
	enqueue_save(e);
	while (prune_drop(e->db, doc.source_id, doc.uuid) == -1 && again(e))
		;
	retry_answered(&e->away);
}

static void
take_crawl(struct enqueue *e, const struct record *r)
{
	struct document doc = subject_of(e, r);
	const char *id = record_str(r->root, "id", NULL);
	const char *status = record_str(r->root, "status", NULL);
	int ended = status != NULL && strcmp(status, "started") != 0 &&
		    strcmp(status, "scraping") != 0;
	char job[DIGEST_UUID_TEXT];
	char *name;

	e->listing.crawls = 1;
	if (id == NULL || *id == '\0') {
		struct error_record error = ERROR_RECORD_INIT;

		error.stage = "enqueue";
		error.class = ERROR_INPUT;
		error.code = "no_id";
		error.message = "a record of a crawl needs its id";
		error.line = r->number;
		enqueue_refuse(e, &error);
		return;
	}
	if (e->options.docs.dry_run)
		return;
	name = x_memdup(doc.source.s, doc.source.n);
	while (ingest_task_crawl(e->db, name, doc.source_id, id, ended, job) ==
		   -1 &&
	       again(e))
		;
	retry_answered(&e->away);
	cli_note("crawl %s: job %s reads it", id, job);
	free(name);
}

void
enqueue_listing_take(struct enqueue *e, const struct record *r)
{
	if (r->type == RECORD_LISTING)
		take_listing(e, r);
	else if (r->type == RECORD_DELETED)
		take_deleted(e, r);
	else
		take_crawl(e, r);
}

/* Why a source's listing deletes nothing, or NULL. */
static const char *
why_not(const struct enqueue *e, const struct enqueue_source *s)
{
	if (s->listings == 0)
		return "no listing came: was the input cut off?";
	if (s->listings > 1)
		return "two listings came: list a source by one pl-ingest";
	if (!s->is_complete)
		return "its listing says that it is not complete";
	if (e->listing.has_error)
		return "an error may hide a document";
	if (e->listing.unsaved)
		return "the database refused a document";
	if (s->listed != (int64_t)s->documents)
		return "its listing counts other documents than came";
	return NULL;
}

static void
refuse(struct enqueue *e, enum error_class class, const char *code,
    const char *message)
{
	struct error_record error = ERROR_RECORD_INIT;

	error.stage = "enqueue";
	error.class = class;
	error.code = code;
	error.message = message;
	cli_warn("%s", message);
	output_check(error_record_put(e->out, &error));
	e->refused = 1;
}

static void
tell(struct enqueue *e, const struct enqueue_source *s,
    const struct prune_result *p)
{
	struct buf b = {0};
	char grace[32];

	if (p->stopped) {
		buf_printf(&b,
		    "source %s: %lld of %lld documents are not in the listing, "
		    "more than %lld %%: none is deleted: raise --max-delete, "
		    "or "
		    "mend the listing",
		    s->name, (long long)p->absent, (long long)p->live,
		    (long long)p->max_delete);
		refuse(e, ERROR_CONFIG, "prune_stopped", b.data);
	} else if (p->absent > 0 && p->grace > 0) {
		num_format_duration((double)p->grace, grace);
		cli_warn("source %s: %lld documents are not in the listing: "
			 "they are deleted in %s",
		    s->name, (long long)p->absent, grace);
	} else if (p->absent > 0) {
		cli_warn("source %s: %lld documents were not in the listing: "
			 "deleted",
		    s->name, (long long)p->absent);
	}
	buf_free(&b);
}

static void
prune(struct enqueue *e, const struct enqueue_source *s)
{
	struct prune_result result;
	const char *job = intake_job(e->docs);
	int done;

	do
		done = prune_source(
		    e->db, s->id, e->listing.since, &e->options.prune, &result);
	while (done == -1 && again(e));
	retry_answered(&e->away);
	if (done == 0)
		return;
	if (job != NULL && prune_note(e->db, job, &result) == -1)
		cli_note("Postgres: %s", db_error(e->db));
	tell(e, s, &result);
}

static void
put_deleted(struct enqueue *e, const struct enqueue_source *s, const char *url)
{
	yyjson_mut_doc *doc = record_out_new(e->out, "deleted");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_str(doc, root, "source", s->name);
	yyjson_mut_obj_add_strcpy(doc, root, "url", url);
	yyjson_mut_obj_add_bool(doc, root, "dry_run", 1);
	output_check(record_out_put(e->out, doc));
}

/*
 * A dry run counts the documents that are gone, and lists them if they would be
 * deleted.
 */
static void
compare(struct enqueue *e, const struct enqueue_source *s, int would_delete)
{
	struct db_result *r;
	uint8_t id[DIGEST_UUID];

	while ((r = prune_documents(e->db, s->id)) == NULL && again(e))
		;
	retry_answered(&e->away);
	for (int i = 0; i < db_rows(r); i++) {
		if (digest_uuid_parse(
			db_text(r, i, 0), db_length(r, i, 0), id) == -1 ||
		    id_set_has(&e->listing.seen, id))
			continue;
		e->listing.gone++;
		if (would_delete)
			put_deleted(e, s, db_text(r, i, 1));
	}
	e->listing.compared++;
	db_result_free(r);
}

/* Whether the source prunes: it was asked for, or the source is set to. */
static int
is_wanted(struct enqueue *e, const struct enqueue_source *s)
{
	int wanted = e->options.prune.force;

	while (!wanted) {
		wanted = prune_is_wanted(e->db, s->id);
		if (wanted != -1)
			break;
		again(e);
	}
	retry_answered(&e->away);
	return wanted;
}

static void
refuse_to_prune(
    struct enqueue *e, const struct enqueue_source *s, const char *why)
{
	struct buf b = {0};

	buf_printf(&b, "source %s: nothing is deleted: %s", s->name, why);
	if (e->options.prune.force)
		refuse(e, ERROR_INPUT, "listing_incomplete", b.data);
	else
		cli_warn("%s", b.data);
	buf_free(&b);
}

static void
end_source(struct enqueue *e, const struct enqueue_source *s)
{
	const char *why = why_not(e, s);
	int wanted;

	/*
	 * Input of other programs has no listing, and wants none; an event may
	 * have no document.
	 */
	if (!e->options.prune.force &&
	    (s->listings == 0 || (!s->is_complete && s->documents == 0)))
		return;
	wanted = is_wanted(e, s);
	if (e->options.docs.dry_run && why == NULL)
		compare(e, s, wanted);
	else if (wanted && why != NULL)
		refuse_to_prune(e, s, why);
	else if (wanted)
		prune(e, s);
}

/* The input of an ingest task ends with a listing, or it was cut off. */
static void
check_whole(struct enqueue *e)
{
	int listings = 0;

	for (size_t i = 0; i < e->listing.n; i++)
		listings += e->listing.source[i].listings;
	if (listings > 0 || e->listing.has_error)
		return;
	e->listing.has_error = e->listing.passes = 1;
	refuse(e, ERROR_TRANSIENT, "listing_cut",
	    "the input ended without a listing: it was cut off");
}

void
enqueue_listing_end(struct enqueue *e)
{
	if (e->options.docs.job != NULL)
		check_whole(e);
	/* The ingest task is tried again, and then there is more to say. */
	if (e->options.docs.job != NULL && e->listing.passes)
		return;
	for (size_t i = 0; i < e->listing.n; i++)
		end_source(e, &e->listing.source[i]);
}

void
enqueue_listing_free(struct enqueue *e)
{
	for (size_t i = 0; i < e->listing.n; i++)
		free(e->listing.source[i].name);
	free(e->listing.source);
	id_set_free(&e->listing.seen);
}
