/*
 * source and texts: any bytes as JSON in any layout, fed in parts, through
 * the formats; and as a file of text.
 */
#include "source/source.h"

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
	const struct doc *d = &page->doc;

	++*(size_t *)argument;
	if (utf8_valid(d->url.s, d->url.n) != d->url.n ||
	    utf8_valid(d->title.s, d->title.n) != d->title.n ||
	    utf8_valid(d->content.s, d->content.n) != d->content.n)
		abort();
	if (page->kind == SOURCE_FAILURE &&
	    (page->code == NULL || page->message == NULL))
		abort();
	if (page->kind == SOURCE_DOCUMENT && d->content.s != NULL &&
	    (doc_is_blank(d->content) || *d->content_hash == '\0'))
		abort();
}

static void
take(struct source *s, enum texts_kind kind, const struct texts_item *item)
{
	size_t repaired, at;
	const char *why;
	yyjson_doc *doc;

	if (kind == TEXTS_ARRAY_END)
		source_close(s);
	if (kind == TEXTS_ARRAY_END || kind == TEXTS_BAD)
		return;
	doc = rec_parse(item->text, item->n, &repaired, &at, &why, &at);
	if (doc == NULL)
		source_skip(s);
	else if (kind == TEXTS_PAGE)
		source_read_page(s, yyjson_doc_get_root(doc));
	else if (kind == TEXTS_ENVELOPE)
		source_read_envelope(s, yyjson_doc_get_root(doc));
	else
		source_read(s, yyjson_doc_get_root(doc));
	yyjson_doc_free(doc);
}

/* The first byte chooses limits and the size of the parts. */
static void
try_json(struct source *s, uint8_t how, const char *p, size_t n)
{
	struct texts *t = texts_new(how & 1 ? 64 : 1 << 20, how & 2 ? 0 : 4096);
	size_t step = how & 4 ? 1 : how & 8 ? 7 : n + 1, done = 0, calls = 0;
	struct texts_item item;
	enum texts_kind kind;

	source_open(s, "in");
	while ((kind = texts_next(t, &item)) != TEXTS_END) {
		if (++calls > 8 * n + 64)
			abort();
		if (kind != TEXTS_MORE) {
			take(s, kind, &item);
		} else if (done == n) {
			texts_finish(t);
		} else {
			size_t k = n - done < step ? n - done : step;

			texts_feed(t, p + done, k);
			done += k;
		}
	}
	texts_free(t);
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

	source_refuses(p, n, &why);
	source_looks_like_json(p, n);
	source_is_binary(p, n);
	utf8_repair(&clean, p, n, &first);
	buf_puts(&clean, "");
	for (size_t i = 0; i < 3; i++) {
		source_open(s, types[i]);
		source_read_text(s, "path", 0, types[i],
		    (struct doc_text){clean.data, clean.len});
	}
	source_type_of(clean.data);
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
