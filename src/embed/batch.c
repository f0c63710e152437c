#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "embed/embedder.h"
#include "embed/provider.h"
#include "embed/vector.h"
#include "ends.h"
#include "record/chunk_record.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "record/verdict.h"
#include "record/waiting_record.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

enum { KEEP = 4 << 20 };

/* A record that waits; offsets into struct embed_batch's bytes. */
struct embed_item {
	int is_chunk, is_end;
	size_t at, len; /* a chunk lacks its closing brace */
	/* What is embedded; or the end record, if its document has a vector. */
	size_t text_at, text_len;
	size_t id_at, id_len; /* the document of a chunk or an end record */
	uint64_t line;
};

struct embed_batch {
	struct embedder *embedder;
	struct record_out *out;
	struct embed_ends *ends;
	struct embed_batch_options options;
	size_t prefix_len;
	struct buf bytes;
	struct embed_item *items;
	size_t item_count, item_room;
	size_t chunks,
	    text_bytes; /* chunks in items, and bytes of their texts */
	struct embed_text *texts;
	struct embedder_result *results;
	struct buf model; /* the members before each vector, written once */
	struct buf line;
	struct progress progress;
	uint64_t done;
	int wrong;
};

struct embed_batch *
embed_batch_new(struct embedder *embedder, struct record_out *out,
    struct embed_ends *ends, const struct embed_batch_options *options)
{
	struct embed_batch *b = x_calloc(1, sizeof(*b));

	b->embedder = embedder;
	b->out = out;
	b->ends = ends;
	b->options = *options;
	b->prefix_len = options->prefix != NULL ? strlen(options->prefix) : 0;
	b->texts = x_calloc(options->chunks, sizeof(*b->texts));
	b->results = x_calloc(options->chunks, sizeof(*b->results));
	chunk_record_put_model(&b->model, embedder_model(embedder));
	progress_start(&b->progress, "chunks", 0, options->progress);
	return b;
}

void
embed_batch_free(struct embed_batch *b)
{
	if (b == NULL)
		return;
	buf_free(&b->bytes);
	buf_free(&b->model);
	buf_free(&b->line);
	free(b->items);
	free(b->texts);
	free(b->results);
	free(b);
}

int
embed_batch_finish(struct embed_batch *b)
{
	progress_end(&b->progress, b->done);
	return b->wrong;
}

/* Records out. */

static void
put_chunk(
    struct embed_batch *b, const struct embed_item *item, const float *vector)
{
	size_t width = embedder_width(b->embedder);
	struct buf *line = &b->line;

	buf_reset(line, KEEP);
	buf_add(line, b->bytes.data + item->at, item->len);
	buf_add(line, b->model.data, b->model.len);
	if (b->options.base64) {
		buf_putc(line, '"');
		vector_put_base64(line, vector, width);
		buf_putc(line, '"');
	} else {
		vector_put_json(line, vector, width);
	}
	buf_putc(line, '}');
	output_check(record_out_pass(b->out, line->data, line->len));
	embed_ends_note(b->ends, b->bytes.data + item->id_at, item->id_len);
	progress_update(&b->progress, ++b->done);
}

/* The kind of an error, for the exit status. */
static int
kind_of(const struct error_record *error)
{
	switch (verdict_of(error->class, error->code)->verdict) {
	case VERDICT_WAIT:
		return EMBED_BATCH_UNAVAILABLE;
	case VERDICT_PARK:
	case VERDICT_END:
		return EMBED_BATCH_HOPELESS;
	case VERDICT_FAIL:
		break;
	}
	return EMBED_BATCH_REFUSED;
}

/*
 * Write an error record, with the ids that root has. Also one message, which
 * speaks for alike records; 0: an earlier message does.
 */
static void
put_error(struct embed_batch *b, struct error_record *error, yyjson_val *root,
    size_t alike)
{
	const char *name;
	char more[48] = "";

	error->stage = "embed";
	error->document_id = record_str(root, "document_id", NULL);
	error->url = record_str(root, "url", NULL);
	error->chunk = record_int(root, "index", -1);
	error->lease = record_str(root, "lease", NULL);
	b->wrong |= kind_of(error);
	output_check(error_record_put(b->out, error));
	if (alike == 0)
		return;
	if (alike > 1)
		snprintf(more, sizeof(more), " and %zu more chunks", alike - 1);
	name = error->url != NULL ? error->url : error->document_id;
	cli_warn("line %llu%s%s%s: %s", (unsigned long long)error->line, more,
	    name ? ": document " : "", name ? name : "", error->message);
}

/*
 * Parse a chunk again, without its vector. That costs less than to keep the ids
 * of every chunk for the rare errors.
 */
static yyjson_doc *
parse_again(struct embed_batch *b, const struct embed_item *item)
{
	size_t repaired, at;
	const char *why;

	buf_reset(&b->line, KEEP);
	buf_add(&b->line, b->bytes.data + item->at, item->len);
	buf_putc(&b->line, '}');
	return record_parse(
	    b->line.data, b->line.len, &repaired, &at, &why, &at);
}

/* Write an error record in place of a chunk. */
static void
put_failure(struct embed_batch *b, const struct embed_item *item,
    const struct embed_verdict *verdict, size_t alike)
{
	struct error_record error = ERROR_RECORD_INIT;
	yyjson_doc *doc = parse_again(b, item);

	error.class = verdict->class;
	error.code = verdict->code;
	error.message = verdict->message;
	error.retry_after = verdict->retry_after;
	error.line = item->line;
	put_error(b, &error, yyjson_doc_get_root(doc), alike);
	yyjson_doc_free(doc);
	progress_update(&b->progress, ++b->done);
}

/* How many results from i on have the same error message. */
static size_t
count_alike(const struct embed_batch *b, size_t i)
{
	const char *message = b->results[i].why->message;
	size_t n = 1;

	while (i + n < b->chunks && b->results[i + n].why != NULL &&
	       strcmp(b->results[i + n].why->message, message) == 0)
		n++;
	return n;
}

void
embed_batch_wait(struct embed_batch *b)
{
	const struct embed_item *item = b->items;
	yyjson_doc *doc;
	yyjson_val *root;

	while (!item->is_chunk)
		item++;
	doc = parse_again(b, item);
	root = yyjson_doc_get_root(doc);
	output_check(
	    waiting_record_put(b->out, record_str(root, "document_id", NULL),
		record_str(root, "lease", NULL)));
	yyjson_doc_free(doc);
}

static void
embed_texts(struct embed_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->item_count; i++)
		if (b->items[i].is_chunk)
			b->texts[n++] = (struct embed_text){
			    b->bytes.data + b->items[i].text_at,
			    b->items[i].text_len};
	/* Finished records must not wait for the server. */
	if (!embedder_is_local(b->embedder))
		output_check(record_out_flush(b->out));
	embedder_run(b->embedder, b->texts, n, b->results);
}

/* Write a record that is no chunk. */
static void
put_other(struct embed_batch *b, const struct embed_item *item)
{
	const char *bytes = b->bytes.data;
	int is_embedded =
	    item->is_end &&
	    embed_ends_take(b->ends, bytes + item->id_at, item->id_len);

	if (is_embedded)
		output_check(record_out_pass(
		    b->out, bytes + item->text_at, item->text_len));
	else
		output_check(
		    record_out_pass(b->out, bytes + item->at, item->len));
}

/* Embed the records that wait, and write them in the order of the input. */
static void
write_batch(struct embed_batch *b)
{
	size_t k = 0, reported = 0;

	if (b->chunks > 0)
		embed_texts(b);
	for (size_t i = 0; i < b->item_count; i++) {
		const struct embed_item *item = &b->items[i];

		if (!item->is_chunk) {
			put_other(b, item);
			continue;
		}
		if (b->results[k].vector != NULL) {
			put_chunk(b, item, b->results[k].vector);
		} else {
			size_t alike = k >= reported ? count_alike(b, k) : 0;

			put_failure(b, item, b->results[k].why, alike);
			reported = alike > 0 ? k + alike : reported;
		}
		k++;
	}
	b->item_count = b->chunks = b->text_bytes = 0;
	buf_reset(&b->bytes, KEEP);
}

void
embed_batch_close(struct embed_batch *b)
{
	write_batch(b);
	output_check(record_out_flush(b->out));
}

/* Records in. */

static struct embed_item *
add_item(struct embed_batch *b)
{
	b->items =
	    x_grow(b->items, b->item_count, &b->item_room, sizeof(*b->items));
	b->items[b->item_count] = (struct embed_item){.at = b->bytes.len};
	return &b->items[b->item_count++];
}

/* Keep the id of the document behind a record. */
static void
keep_id(struct embed_batch *b, struct embed_item *item, const struct record *r)
{
	const char *id = record_str(r->root, "document_id", &item->id_len);

	item->id_at = b->bytes.len;
	if (id == NULL)
		item->id_len = 0;
	else
		buf_add(&b->bytes, id, item->id_len);
}

/* Keep a record that is no chunk: its own line, or, if repaired, rewritten. */
static void
keep_record(struct embed_batch *b, const struct record *r)
{
	char *text;
	size_t n;

	if (r->repaired == 0) {
		buf_add(&b->bytes, r->line, r->len);
		return;
	}
	text = yyjson_val_write(r->root, 0, &n);
	if (text == NULL)
		cli_die(CLI_UNAVAILABLE, "line %llu: out of memory",
		    (unsigned long long)r->number);
	buf_add(&b->bytes, text, n);
	free(text);
}

static void
add_other(struct embed_batch *b, const struct record *r)
{
	struct embed_item *item;

	if (b->item_count == 0 && r->repaired == 0) {
		output_check(record_out_pass(b->out, r->line, r->len));
		return;
	}
	item = add_item(b);
	keep_record(b, r);
	item->len = b->bytes.len - item->at;
	if (b->chunks == 0 || b->bytes.len >= EMBED_BATCH_BYTES_MAX)
		write_batch(b);
}

/*
 * An end record is kept in both forms: whether its document has a vector is
 * known when the records before it are written.
 */
static void
add_end(struct embed_batch *b, const struct record *r)
{
	struct embed_item *item = add_item(b);

	item->is_end = 1;
	keep_record(b, r);
	item->len = b->bytes.len - item->at;
	item->text_at = b->bytes.len;
	embed_ends_put(b->ends, &b->bytes, r);
	item->text_len = b->bytes.len - item->text_at;
	keep_id(b, item, r);
	if (b->chunks == 0 || b->bytes.len >= EMBED_BATCH_BYTES_MAX)
		write_batch(b);
}

/* Write an error record in the record's place, behind the records that wait. */
static void
refuse(struct embed_batch *b, const struct record *r,
    const struct error_record *why)
{
	struct error_record error = *why;

	write_batch(b);
	error.line = r->number;
	put_error(b, &error, r->root, 1);
}

static void
add_chunk(struct embed_batch *b, const struct record *r)
{
	struct error_record error = ERROR_RECORD_INIT;
	struct chunk_record c;
	struct embed_item *item;

	if (chunk_record_read_text(&c, r) == -1) {
		error.class = ERROR_INPUT;
		error.code = c.code;
		error.message = c.why;
		refuse(b, r, &error);
		return;
	}
	if (b->chunks > 0 &&
	    b->text_bytes + b->prefix_len + c.text.n + c.context.n + 1 >
		b->options.bytes)
		write_batch(b);
	item = add_item(b);
	item->is_chunk = 1;
	item->line = r->number;
	chunk_record_open(&b->bytes, r);
	item->len = b->bytes.len - item->at;
	/* The text to embed is kept behind the record. */
	item->text_at = b->bytes.len;
	if (b->prefix_len > 0)
		buf_add(&b->bytes, b->options.prefix, b->prefix_len);
	chunk_record_put_text(&c, &b->bytes);
	item->text_len = b->bytes.len - item->text_at;
	keep_id(b, item, r);
	b->text_bytes += item->text_len;
	if (++b->chunks == b->options.chunks ||
	    b->bytes.len >= EMBED_BATCH_BYTES_MAX)
		write_batch(b);
}

void
embed_batch_add(struct embed_batch *b, const struct record *r)
{
	struct error_record error = ERROR_RECORD_INIT;

	if (r->repaired > 0)
		cli_warn("line %llu: replaced %zu invalid characters by "
			 "U+FFFD, the first at byte %zu",
		    (unsigned long long)r->number, r->repaired, r->repaired_at);
	switch (r->type) {
	case RECORD_CHUNK:
		add_chunk(b, r);
		break;
	case RECORD_END:
		add_end(b, r);
		break;
	case RECORD_UNTYPED:
		error.class = ERROR_INPUT;
		error.code = "no_type";
		error.message = "a record without a type: pl-chunk makes "
				"chunks of documents";
		refuse(b, r, &error);
		break;
	default:
		add_other(b, r);
		break;
	}
}

void
embed_batch_add_refused(struct embed_batch *b, const struct record *r)
{
	refuse(b, r, &r->error);
}
