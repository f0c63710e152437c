/*
 * source and json_split: any bytes as JSON in any layout, fed in parts, through
 * the formats; and as a text file.
 */
#include "source/source.h"
#include "source/text_file.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "record/json_split.h"
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_page(void *argument, const struct source_page *page)
{
	const struct document *d = &page->document;

	++*(size_t *)argument;
	if (utf8_valid(d->url.s, d->url.n) != d->url.n ||
	    utf8_valid(d->title.s, d->title.n) != d->title.n ||
	    utf8_valid(d->content.s, d->content.n) != d->content.n)
		abort();
	if (page->kind == SOURCE_FAILURE &&
	    (page->code == NULL || page->message == NULL))
		abort();
	if (page->kind == SOURCE_DOCUMENT && d->content.s != NULL &&
	    (document_is_blank(d->content) || *d->content_hash == '\0'))
		abort();
}

static void
take(struct source *s, enum json_split_kind kind,
    const struct json_split_item *item)
{
	size_t repaired, at;
	const char *why;
	yyjson_doc *doc;

	if (kind == JSON_SPLIT_ARRAY_END)
		source_close(s);
	if (kind == JSON_SPLIT_ARRAY_END || kind == JSON_SPLIT_BAD)
		return;
	doc = record_parse(item->text, item->n, &repaired, &at, &why, &at);
	if (doc == NULL)
		source_skip(s);
	else if (kind == JSON_SPLIT_PAGE)
		source_read_page(s, yyjson_doc_get_root(doc));
	else if (kind == JSON_SPLIT_ENVELOPE)
		source_read_envelope(s, yyjson_doc_get_root(doc));
	else
		source_read(s, yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
}

/* The first byte chooses limits and the size of the parts. */
static void
try_json(struct source *s, uint8_t how, const char *p, size_t n)
{
	struct json_split *t =
	    json_split_new(how & 1 ? 64 : 1 << 20, how & 2 ? 0 : 4096);
	size_t step = how & 4 ? 1 : how & 8 ? 7 : n + 1, done = 0, calls = 0;
	struct json_split_item item;
	enum json_split_kind kind;

	source_open(s, "in");
	while ((kind = json_split_next(t, &item)) != JSON_SPLIT_END) {
		if (++calls > 8 * n + 64)
			abort();
		if (kind != JSON_SPLIT_MORE) {
			take(s, kind, &item);
		} else if (done == n) {
			json_split_finish(t);
		} else {
			size_t k = n - done < step ? n - done : step;

			json_split_feed(t, p + done, k);
			done += k;
		}
	}
	json_split_free(t);
	source_close(s);
}

static void
try_text(struct source *s, const char *p, size_t n)
{
	static const char *const types[] = {
	    "text/markdown", "text/plain", "text/html"};
	struct buf clean = {0};
	size_t first;
	const char *why;

	text_file_refuses(p, n, &why);
	text_file_looks_like_json(p, n);
	text_file_is_binary(p, n);
	utf8_repair(&clean, p, n, &first);
	buf_puts(&clean, "");
	for (size_t i = 0; i < 3; i++) {
		source_open(s, types[i]);
		text_file_read(s, "path", 0, types[i],
		    (struct document_text){clean.data, clean.len});
	}
	text_file_type(clean.data);
	buf_free(&clean);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t pages = 0;
	struct source_options options = {
	    .give = check_page, .argument = &pages};
	struct source *s;

	if (n < 2)
		return 0;
	s = source_new(&options);
	try_json(s, data[0], (const char *)data + 1, n - 1);
	try_text(s, (const char *)data + 1, n - 1);
	source_finish(s);
	source_free(s);
	return 0;
}
