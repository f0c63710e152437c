#include "batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "embed/embedder.h"
#include "embed/vector.h"
#include "record/record.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

enum { KEEP = 4 << 20 };

/* A record that waits; offsets into struct batch's bytes. */
struct item {
	int is_chunk;
	size_t at, len; /* a chunk lacks its closing brace */
	size_t text_at, text_len;
	uint64_t line;
};

struct batch {
	struct embedder *embedder;
	struct record_out *out;
	struct batch_options options;
	struct buf bytes;
	struct item *items;
	size_t item_count, item_room;
	size_t chunks, text_bytes; /* in items */
	struct embed_text *texts;
	struct embedder_result *results;
	struct buf keys; /* ,"model":"...","embedding": */
	struct buf line;
	struct progress progress;
	uint64_t done;
	int wrong;
};

struct batch *
batch_new(struct embedder *embedder, struct record_out *out,
    const struct batch_options *options)
{
	struct batch *b = x_calloc(1, sizeof(*b));
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	char *model =
	    yyjson_mut_val_write(yyjson_mut_str(doc, embedder_model(embedder)),
		YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);

	b->embedder = embedder;
	b->out = out;
	b->options = *options;
	b->texts = x_calloc(options->chunks, sizeof(*b->texts));
	b->results = x_calloc(options->chunks, sizeof(*b->results));
	buf_printf(&b->keys,
	    ",\"model\":%s,\"embedding\":", model != NULL ? model : "\"\"");
	progress_start(&b->progress, "chunks", 0, options->progress);
	free(model);
	yyjson_mut_doc_free(doc);
	return b;
}

void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	buf_free(&b->bytes);
	buf_free(&b->keys);
	buf_free(&b->line);
	free(b->items);
	free(b->texts);
	free(b->results);
	free(b);
}

int
batch_finish(struct batch *b)
{
	progress_end(&b->progress, b->done);
	return b->wrong;
}

/* Records out. */

static void
put_chunk(struct batch *b, const struct item *item, const float *vector)
{
	size_t width = embedder_width(b->embedder);
	struct buf *line = &b->line;

	buf_reset(line, KEEP);
	buf_add(line, b->bytes.data + item->at, item->len);
	buf_add(line, b->keys.data, b->keys.len);
	if (b->options.base64) {
		buf_putc(line, '"');
		vector_put_base64(line, vector, width);
		buf_putc(line, '"');
	} else {
		vector_put_json(line, vector, width);
	}
	buf_putc(line, '}');
	output_check(record_pass(b->out, line->data, line->len));
	progress_update(&b->progress, ++b->done);
}

static int kind_of(enum record_class class)
{
	switch (class) {
	case RECORD_TRANSIENT:
	case RECORD_THROTTLED:
		return BATCH_UNAVAILABLE;
	case RECORD_QUOTA:
	case RECORD_CONFIG:
		return BATCH_HOPELESS;
	case RECORD_INPUT:
	case RECORD_INTERNAL:
		break;
	}
	return BATCH_REFUSED;
}

/*
 * Write an error record that names what it can of root, and one line for
 * people if it speaks for alike records (0: an earlier line did).
 */
static void
put_error(
    struct batch *b, struct record_error *error, yyjson_val *root, size_t alike)
{
	char more[48] = "";

	error->stage = "embed";
	error->document_id = record_str(root, "document_id", NULL);
	error->url = record_str(root, "url", NULL);
	error->chunk = record_int(root, "index", -1);
	error->lease = record_str(root, "lease", NULL);
	b->wrong |= kind_of(error->class);
	output_check(record_put_error(b->out, error));
	if (alike == 0)
		return;
	if (alike > 1)
		snprintf(more, sizeof(more), " and %zu more chunks", alike - 1);
	cli_warn("line %llu%s%s%s: %s", (unsigned long long)error->line, more,
	    error->document_id ? ": document " : "",
	    error->document_id ? error->document_id : "", error->message);
}

/*
 * The error in place of a chunk. The record is parsed a second time, which
 * costs less than to keep every chunk's names for the rare failure.
 */
static void
put_failure(struct batch *b, const struct item *item,
    const struct embed_verdict *verdict, size_t alike)
{
	struct record_error error = RECORD_ERROR_INIT;
	size_t repaired, at;
	const char *why;
	yyjson_doc *doc;

	buf_reset(&b->line, KEEP);
	buf_add(&b->line, b->bytes.data + item->at, item->len);
	buf_putc(&b->line, '}');
	doc =
	    record_parse(b->line.data, b->line.len, &repaired, &at, &why, &at);
	error.class = verdict->class;
	error.code = verdict->code;
	error.message = verdict->message;
	error.retry_after = verdict->retry_after;
	error.line = item->line;
	put_error(b, &error, yyjson_doc_get_root(doc), alike);
	yyjson_doc_free(doc);
	progress_update(&b->progress, ++b->done);
}

/* How many results from i on were refused for the same reason as i. */
static size_t
count_alike(const struct batch *b, size_t i)
{
	const char *message = b->results[i].why->message;
	size_t n = 1;

	while (i + n < b->chunks && b->results[i + n].why != NULL &&
	       strcmp(b->results[i + n].why->message, message) == 0)
		n++;
	return n;
}

static void
embed_texts(struct batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->item_count; i++)
		if (b->items[i].is_chunk)
			b->texts[n++] = (struct embed_text){
			    b->bytes.data + b->items[i].text_at,
			    b->items[i].text_len};
	/* What is finished must not wait for the server. */
	if (!embedder_is_local(b->embedder))
		output_check(record_flush(b->out));
	embedder_run(b->embedder, b->texts, n, b->results);
}

/* Embed what waits and write it, in the order in which it came. */
static void
write_batch(struct batch *b)
{
	size_t k = 0, said = 0;

	if (b->chunks > 0)
		embed_texts(b);
	for (size_t i = 0; i < b->item_count; i++) {
		const struct item *item = &b->items[i];

		if (!item->is_chunk) {
			output_check(record_pass(
			    b->out, b->bytes.data + item->at, item->len));
			continue;
		}
		if (b->results[k].vector != NULL) {
			put_chunk(b, item, b->results[k].vector);
		} else {
			size_t alike = k >= said ? count_alike(b, k) : 0;

			put_failure(b, item, b->results[k].why, alike);
			said = alike > 0 ? k + alike : said;
		}
		k++;
	}
	b->item_count = b->chunks = b->text_bytes = 0;
	buf_reset(&b->bytes, KEEP);
}

void
batch_close(struct batch *b)
{
	write_batch(b);
	output_check(record_flush(b->out));
}

/* Records in. */

static struct item *
add_item(struct batch *b)
{
	if (b->item_count == b->item_room) {
		b->item_room = b->item_room ? b->item_room * 2 : 64;
		b->items = x_realloc(b->items, b->item_room, sizeof(*b->items));
	}
	b->items[b->item_count] = (struct item){.at = b->bytes.len};
	return &b->items[b->item_count++];
}

/* Append the record written anew, without the keys that are ours to give. */
static void
rewrite(struct batch *b, const struct record *r)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_val_mut_copy(doc, r->root);
	char *text;
	size_t len;

	yyjson_mut_doc_set_root(doc, root);
	if (r->type == RECORD_CHUNK) {
		yyjson_mut_obj_remove_key(root, "model");
		yyjson_mut_obj_remove_key(root, "embedding");
	}
	text = yyjson_mut_write(doc, 0, &len);
	if (text == NULL)
		cli_die(CLI_UNAVAILABLE, "line %llu: out of memory",
		    (unsigned long long)r->number);
	buf_add(&b->bytes, text, len);
	free(text);
	yyjson_mut_doc_free(doc);
}

/* Append the record to bytes: the line itself wherever that will do. */
static void
keep_record(struct batch *b, const struct record *r)
{
	if (r->repaired > 0 ||
	    (r->type == RECORD_CHUNK &&
		(yyjson_obj_get(r->root, "model") != NULL ||
		    yyjson_obj_get(r->root, "embedding") != NULL)))
		rewrite(b, r);
	else
		buf_add(&b->bytes, r->line, r->len);
}

static void
add_other(struct batch *b, const struct record *r)
{
	struct item *item;

	if (b->item_count == 0 && r->repaired == 0) {
		output_check(record_pass(b->out, r->line, r->len));
		return;
	}
	item = add_item(b);
	keep_record(b, r);
	item->len = b->bytes.len - item->at;
	if (b->chunks == 0 || b->bytes.len >= BATCH_BYTES_MAX)
		write_batch(b);
}

/* NULL when the chunk can be embedded, else why not. */
static const char *
check_chunk(yyjson_val *text, yyjson_val *context, const char **code)
{
	*code = "wrong_type";
	if (text != NULL && !yyjson_is_str(text))
		return "the chunk's text is not a string";
	if (context != NULL && !yyjson_is_str(context) &&
	    !yyjson_is_null(context))
		return "the chunk's context is not a string";
	*code = "no_text";
	if (yyjson_get_len(text) == 0)
		return "the chunk has no text";
	return NULL;
}

/* What is embedded goes behind the record: context, newline, text. */
static void
keep_text(
    struct batch *b, struct item *item, yyjson_val *context, yyjson_val *text)
{
	item->text_at = b->bytes.len;
	if (yyjson_get_len(context) > 0) {
		buf_add(&b->bytes, yyjson_get_str(context),
		    yyjson_get_len(context));
		buf_putc(&b->bytes, '\n');
	}
	buf_add(&b->bytes, yyjson_get_str(text), yyjson_get_len(text));
	item->text_len = b->bytes.len - item->text_at;
	b->text_bytes += item->text_len;
}

/* Put an error in the record's place, behind what waits. */
static void
refuse(struct batch *b, const struct record *r, const struct record_error *why)
{
	struct record_error error = *why;

	write_batch(b);
	error.line = r->number;
	put_error(b, &error, r->root, 1);
}

static void
add_chunk(struct batch *b, const struct record *r)
{
	yyjson_val *text = yyjson_obj_get(r->root, "text");
	yyjson_val *context = yyjson_obj_get(r->root, "context");
	size_t need = yyjson_get_len(text) + yyjson_get_len(context) + 1;
	struct record_error error = RECORD_ERROR_INIT;
	struct item *item;

	error.class = RECORD_INPUT;
	error.message = check_chunk(text, context, &error.code);
	if (error.message != NULL) {
		refuse(b, r, &error);
		return;
	}
	if (b->chunks > 0 && b->text_bytes + need > b->options.bytes)
		write_batch(b);
	item = add_item(b);
	item->is_chunk = 1;
	item->line = r->number;
	keep_record(b, r);
	while (b->bytes.data[b->bytes.len - 1] != '}')
		b->bytes.len--; /* white space behind the record */
	item->len = --b->bytes.len - item->at;
	keep_text(b, item, context, text);
	if (++b->chunks == b->options.chunks || b->bytes.len >= BATCH_BYTES_MAX)
		write_batch(b);
}

void
batch_add(struct batch *b, const struct record *r)
{
	struct record_error error = RECORD_ERROR_INIT;

	if (r->repaired > 0)
		cli_warn("line %llu: replaced %zu invalid characters by "
			 "U+FFFD, the first at byte %zu",
		    (unsigned long long)r->number, r->repaired, r->repaired_at);
	switch (r->type) {
	case RECORD_CHUNK:
		add_chunk(b, r);
		break;
	case RECORD_UNTYPED:
		error.class = RECORD_INPUT;
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
batch_add_refused(struct batch *b, const struct record *r)
{
	refuse(b, r, &r->error);
}
