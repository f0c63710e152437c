/*
 * source_lines - the pages of a source as lines, for tables of cases
 */
#ifndef SOURCE_LINES_H
#define SOURCE_LINES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "source/source.h"
#include "tap.h"

/*
 * D url|title|content|type of a document, F code url of a failure (f if it is
 * transient), R url of a repeat, C url|scrape of a page that changed, G url of
 * one that is gone, N of a notice; each closed by a newline.
 */
static void
add_line(void *argument, const struct source_page *page)
{
	struct buf *out = argument;
	const struct document *d = &page->document;
	const char *url = d->url.s ? d->url.s : "";

	switch (page->kind) {
	case SOURCE_DOCUMENT:
		buf_printf(out, "D %.*s|%.*s|%.*s|%.*s\n", (int)d->url.n, url,
		    (int)d->title.n, d->title.s ? d->title.s : "",
		    (int)d->content.n, d->content.s ? d->content.s : "",
		    (int)d->content_type.n,
		    d->content_type.s ? d->content_type.s : "");
		break;
	case SOURCE_FAILURE:
		buf_printf(out, "%c %s %.*s\n", page->transient ? 'f' : 'F',
		    page->code, (int)d->url.n, url);
		break;
	case SOURCE_REPEAT:
		buf_printf(out, "R %.*s\n", (int)d->url.n, url);
		break;
	case SOURCE_CHANGED:
		buf_printf(out, "C %.*s|%.*s\n", (int)d->url.n, url,
		    (int)page->scrape.n, page->scrape.s ? page->scrape.s : "");
		break;
	case SOURCE_GONE:
		buf_printf(out, "G %.*s\n", (int)d->url.n, url);
		break;
	case SOURCE_NOTICE:
		buf_puts(out, "N\n");
		break;
	}
}

/* Read one input of JSON texts, each on its line, with a new source. */
__attribute__((unused)) static void
line_ends_of(struct buf *out, const char *json)
{
	struct source_options options = {.give = add_line, .argument = out};
	struct source *s = source_new(&options);
	const char *at = json, *end = json + strlen(json);
	yyjson_doc *doc;

	buf_reset(out, 65536);
	buf_puts(out, "");
	source_open(s, "in");
	while (at < end) {
		doc =
		    yyjson_read_opts((char *)(uintptr_t)at, (size_t)(end - at),
			YYJSON_READ_STOP_WHEN_DONE | YYJSON_READ_BIGNUM_AS_RAW,
			NULL, NULL);
		if (doc == NULL)
			abort();
		at += yyjson_doc_get_read_size(doc);
		source_read(s, yyjson_doc_get_root(doc));
		yyjson_doc_free(doc);
		while (at < end && (*at == '\n' || *at == ' '))
			at++;
	}
	source_close(s);
	source_finish(s);
	source_free(s);
}

struct line_ends_case {
	const char *name, *json, *lines;
};

/* Run a table of cases. */
__attribute__((unused)) static void
test_lines(const struct line_ends_case *cases, size_t n)
{
	struct buf out = {0};

	for (size_t i = 0; i < n; i++) {
		line_ends_of(&out, cases[i].json);
		if (!tap(strcmp(out.data, cases[i].lines) == 0, "%s",
			cases[i].name))
			printf("# got:\n%s", out.data);
	}
	buf_free(&out);
}

#endif
