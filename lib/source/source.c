#include "source/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "record/record.h"
#include "source/page.h"

static int
is_document(yyjson_val *v)
{
	return record_type_of(v) == RECORD_DOCUMENT;
}

static int
has_str(yyjson_val *v, const char *key)
{
	return yyjson_is_str(yyjson_obj_get(v, key));
}

static int
is_langchain_dumps(yyjson_val *v)
{
	return yyjson_obj_get(v, "lc") != NULL &&
	       yyjson_is_obj(yyjson_obj_get(v, "kwargs"));
}

static int
is_langchain(yyjson_val *v)
{
	return has_str(v, "page_content") || has_str(v, "pageContent");
}

static int
is_llamaindex(yyjson_val *v)
{
	return has_str(v, "id_") && has_str(v, "class_name");
}

static int
is_object(yyjson_val *v)
{
	return yyjson_is_obj(v);
}

/*
 * Some value that tells the pieces of one document apart, as text: an id, a
 * page number, else the number of the record.
 */
static void
name_piece(struct source *s, yyjson_val *v, char out[static 64])
{
	yyjson_val *metadata, *kwargs = yyjson_obj_get(v, "kwargs");
	struct document_text id;

	if (is_langchain_dumps(v))
		v = kwargs;
	id = source_member(v, "id");
	if (id.n == 0)
		id = source_member(v, "id_");
	metadata = yyjson_obj_get(v, "metadata");
	if (id.n > 0 && id.n < 64)
		snprintf(out, 64, "%.*s", (int)id.n, id.s);
	else if (yyjson_is_int(yyjson_obj_get(metadata, "page")))
		snprintf(out, 64, "page=%lld",
		    (long long)record_int(metadata, "page", 0));
	else
		snprintf(out, 64, "%llu", (unsigned long long)s->number);
}

static void
read_piece(struct source *s, yyjson_val *v)
{
	struct document_defaults defaults = source_next(s);
	struct document d;
	const char *why;
	char piece[64];

	if (document_read(&d, v, &defaults, &why) == -1) {
		source_fail(s, &d, d.code, "%s", why);
		return;
	}
	name_piece(s, v, piece);
	source_give(s, &d, piece);
}

void
source_read_record(struct source *s, yyjson_val *v)
{
	struct document_defaults defaults = source_next(s);
	struct document d;
	const char *why;
	yyjson_val *id = yyjson_obj_get(v, "id");
	char number[24];

	if (document_read(&d, v, &defaults, &why) == -1) {
		source_fail(s, &d, d.code, "%s", why);
		return;
	}
	/* Rows of a table often have a number for an id. */
	if (d.url.s == defaults.position && yyjson_is_int(id)) {
		snprintf(number, sizeof(number), "%lld",
		    (long long)yyjson_get_sint(id));
		d.url = document_text(number);
		document_identify(&d);
	}
	source_give(s, &d, NULL);
}

/* The first row that recognises a value wins. */
const struct source_format source_formats[] = {
    {"document", "\"type\":\"document\"", is_document, source_read_record},
    {"firecrawl-crawl", "data, and status, success or type", source_is_crawl,
	source_read_crawl},
    {"firecrawl-errors", "errors and robotsBlocked", source_is_crawl_errors,
	source_read_crawl_errors},
    {"llamaindex-docstore", "docstore/data", source_is_docstore,
	source_read_docstore},
    {"langchain-dumps", "lc and kwargs", is_langchain_dumps, read_piece},
    {"unstructured", "type, element_id and text", source_is_element,
	source_read_element},
    {"llamaindex", "id_ and class_name", is_llamaindex, read_piece},
    {"langchain", "page_content or pageContent", is_langchain, read_piece},
    {"firecrawl", "markdown, html or rawHtml, and metadata",
	source_is_firecrawl_page, source_read_firecrawl_page},
    {"firecrawl-answer", "success or error, and no text",
	source_is_firecrawl_answer, source_read_firecrawl_answer},
    {"record", "content, markdown, text, body ...", is_object,
	source_read_record},
    {NULL, NULL, NULL, NULL},
};

const struct source_format *
source_recognise(yyjson_val *value)
{
	for (const struct source_format *f = source_formats; f->name; f++)
		if (yyjson_is_obj(value) && f->recognise(value))
			return f;
	return NULL;
}

struct source *
source_new(const struct source_options *options)
{
	struct source *s = x_calloc(1, sizeof(*s));

	s->options = *options;
	return s;
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	source_free_crawls(s);
	source_free_elements(s);
	id_set_free(&s->seen);
	buf_free(&s->origin);
	buf_free(&s->position);
	buf_free(&s->url);
	buf_free(&s->message);
	free(s);
}

void
source_open(struct source *s, const char *origin)
{
	buf_reset(&s->origin, 4096);
	buf_puts(&s->origin, origin);
	s->number = 0;
	s->paged = 0;
}

void
source_skip(struct source *s)
{
	s->number++;
}

void
source_skip_page(struct source *s)
{
	s->number++;
	s->paged++;
}

void
source_close(struct source *s)
{
	source_close_elements(s);
}

void
source_finish(struct source *s)
{
	source_finish_crawls(s);
}

struct document_defaults
source_next(struct source *s)
{
	s->number++;
	buf_reset(&s->position, 4096);
	buf_printf(&s->position, "%s#%llu", s->origin.data,
	    (unsigned long long)s->number);
	return (struct document_defaults){
	    .source = s->options.name ? s->options.name : DOCUMENT_SOURCE,
	    .override_source = s->options.name != NULL,
	    .position = s->position.data,
	    .content_key = s->options.content_key,
	};
}

struct document_text
source_member(yyjson_val *object, const char *key)
{
	yyjson_val *v = yyjson_obj_get(object, key);

	return (struct document_text){yyjson_get_str(v), yyjson_get_len(v)};
}

static void
give(struct source *s, const struct source_page *page)
{
	s->options.give(s->options.argument, page);
}

/*
 * Write the message. Text from outside is cut: a message is for people, and
 * an error answer may hold a whole web page.
 */
__attribute__((format(printf, 2, 0))) static const char *
write_message(struct source *s, const char *fmt, va_list args)
{
	char *to;

	buf_reset(&s->message, 4096);
	to = buf_reserve(&s->message, 1024);
	vsnprintf(to, 1024, fmt, args);
	return to;
}

void
source_fail(struct source *s, const struct document *d, const char *code,
    const char *fmt, ...)
{
	struct source_page page = {.kind = SOURCE_FAILURE, .code = code};
	va_list args;

	if (d != NULL) {
		page.doc = *d;
		/* What is known to be good stays good. */
		if (d->url.n > 0 && id_set_has(&s->seen, d->uuid)) {
			page.kind = SOURCE_REPEAT;
			give(s, &page);
			return;
		}
	}
	va_start(args, fmt);
	page.message = write_message(s, fmt, args);
	va_end(args);
	give(s, &page);
}

void
source_fail_input(struct source *s, const char *origin, int transient,
    const char *code, const char *fmt, ...)
{
	struct source_page page = {.kind = SOURCE_FAILURE,
	    .code = code,
	    .transient = transient,
	    .origin = origin};
	va_list args;

	va_start(args, fmt);
	page.message = write_message(s, fmt, args);
	va_end(args);
	give(s, &page);
}

void
source_notice(struct source *s, const char *fmt, ...)
{
	struct source_page page = {.kind = SOURCE_NOTICE};
	va_list args;

	va_start(args, fmt);
	page.message = write_message(s, fmt, args);
	va_end(args);
	give(s, &page);
}

/* A mark for "this url with this text", to know a repeated piece by. */
static void
identify_piece(const struct document *d, uint8_t id[static DIGEST_UUID])
{
	digest_uuid5(d->uuid, d->content_hash, strlen(d->content_hash), id);
}

/*
 * Whether a piece is new. If its url is taken by another piece, the url gets
 * the piece's name behind a '#'.
 */
static int
is_new_piece(struct source *s, struct document *d, const char *piece)
{
	uint8_t id[DIGEST_UUID];

	identify_piece(d, id);
	if (!id_set_add(&s->seen, id))
		return 0;
	if (id_set_add(&s->seen, d->uuid))
		return 1;
	buf_reset(&s->url, 4096);
	buf_add(&s->url, d->url.s, d->url.n);
	buf_printf(&s->url, "#%s", piece);
	d->url = (struct document_text){s->url.data, s->url.len};
	document_identify(d);
	return id_set_add(&s->seen, d->uuid);
}

/* A byte order mark is no text. */
static void
drop_mark(struct document_text *t)
{
	if (t->n >= 3 && memcmp(t->s, "\xEF\xBB\xBF", 3) == 0) {
		t->s += 3;
		t->n -= 3;
	}
}

void
source_give(struct source *s, struct document *d, const char *piece)
{
	struct source_page page = {.kind = SOURCE_DOCUMENT};
	const char *before = d->content.s;

	drop_mark(&d->content);
	if (d->content.s != before)
		document_identify(d);
	/* Our own record may name a saved document by its id alone. */
	if (d->content.s == NULL && d->url.n > 0) {
		source_fail(s, d, "no_text", "no content");
		return;
	}
	if (d->content.s != NULL && document_is_blank(d->content)) {
		source_fail(s, d, "empty_page",
		    "the page has no text: nothing to store");
		return;
	}
	if (piece != NULL ? !is_new_piece(s, d, piece)
			  : !id_set_add(&s->seen, d->uuid))
		page.kind = SOURCE_REPEAT;
	page.doc = *d;
	give(s, &page);
}

void
source_read(struct source *s, yyjson_val *value)
{
	const struct source_format *format = source_recognise(value);
	yyjson_arr_iter iter;
	yyjson_val *v;

	if (format != NULL) {
		format->read(s, value);
		return;
	}
	if (yyjson_is_arr(value) && s->depth == 0) {
		s->depth++;
		yyjson_arr_iter_init(value, &iter);
		while ((v = yyjson_arr_iter_next(&iter)) != NULL)
			source_read(s, v);
		s->depth--;
		source_close(s);
		return;
	}
	source_skip(s);
	source_fail(s, NULL, "not_an_object",
	    "a JSON value that is not an object cannot be a document");
}
