#include "output.h"

#include <inttypes.h>
#include <string.h>

#include "record/error_record.h"
#include "record/record_out.h"
#include "store.h"
#include "tool/cli.h"
#include "tool/output.h"

void
store_output_tell_stale(struct store *s)
{
	if (s->output.stale > 0)
		cli_warn("task %s: its lease is no longer held, as it was "
			 "canceled or taken over: %" PRIu64 " document%s not "
			 "written",
		    s->output.stale_task, s->output.stale,
		    s->output.stale == 1 ? "" : "s");
	s->output.stale = 0;
}

static void
count_stale(struct store *s, const struct store_document *doc)
{
	char task[DIGEST_UUID_TEXT];

	digest_uuid_text(doc->task, task);
	if (strcmp(task, s->output.stale_task) != 0)
		store_output_tell_stale(s);
	memcpy(s->output.stale_task, task, sizeof(task));
	s->output.stale++;
	cli_note("document %s: %s", doc->id_text, doc->why.data);
}

/* The document for people: its url, if that is known. */
static const char *
name_of(const struct error_record *e)
{
	return e->url != NULL ? e->url : e->document_id;
}

void
store_output_error(struct store *s, const struct error_record *error)
{
	struct error_record own = *error, *e = &own;

	if (e->stage == NULL)
		e->stage = "store";
	if (e->code != NULL && strcmp(e->code, "stale_lease") == 0)
		;
	else if (e->document_id != NULL && e->chunk >= 0)
		cli_warn("document %s: chunk %" PRId64 ": %s", name_of(e),
		    e->chunk, e->message);
	else if (e->document_id != NULL)
		cli_warn("document %s: %s", name_of(e), e->message);
	else
		cli_warn("line %" PRIu64 ": %s", e->line, e->message);
	s->output.partial = 1;
	output_check(error_record_put(s->output.out, e));
}

static void
add_failed_chunks(yyjson_mut_doc *out, const struct store_document *doc)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(out);

	yyjson_mut_obj_add_int(out, root, "failed_chunks", doc->failed);
	yyjson_mut_obj_add_val(out, root, "first_error",
	    yyjson_mut_rawncpy(
		out, doc->first_error.data, doc->first_error.len));
}

static void
put_stored(struct store *s, const struct store_document *doc)
{
	yyjson_mut_doc *out = record_out_new(s->output.out, "stored");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(out);

	yyjson_mut_obj_add_str(out, root, "document_id", doc->id_text);
	yyjson_mut_obj_add_str(
	    out, root, "collection", s->target.collection.name);
	yyjson_mut_obj_add_int(out, root, "chunks", doc->chunks);
	if (doc->failed > 0)
		add_failed_chunks(out, doc);
	if (doc->lease != NULL)
		yyjson_mut_obj_add_str(out, root, "lease", doc->lease);
	output_check(record_out_put(s->output.out, out));
	s->output.stored++;
	if (doc->failed > 0)
		s->output.partial = 1;
}

void
store_output_document(struct store *s, const struct store_document *doc)
{
	struct error_record e = ERROR_RECORD_INIT;

	if (doc->fate == STORE_GOOD) {
		put_stored(s, doc);
		return;
	}
	if (strcmp(doc->code, "stale_lease") == 0)
		count_stale(s, doc);
	e.stage = doc->stage;
	e.class = doc->class;
	e.code = doc->code;
	e.message = doc->why.data;
	e.document_id = doc->id_text;
	e.url = doc->url;
	e.lease = doc->lease;
	store_output_error(s, &e);
}

void
store_output_note_partial(struct store *s)
{
	s->output.partial = 1;
}
