/*
 * markdown: blocks are in order, of whole lines, and contain all text
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "text/markdown.h"
#include "text/markdown_heading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(int ok)
{
	if (!ok)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data;
	struct markdown md = {0};
	struct buf words = {0};
	/* A byte order mark is not part of a line. */
	uint32_t first = n >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	uint32_t at = first;

	markdown_scan(&md, text, n);
	for (size_t i = 0; i < md.count; i++) {
		const struct markdown_block *b = &md.blocks[i];

		must(b->start >= at && b->end > b->start && b->end <= n);
		must(b->start == first || text[b->start - 1] == '\n');
		must(b->end == n || text[b->end] == '\n' ||
		     text[b->end] == '\r');
		must(b->head <= b->end && (b->head == 0 || b->head > b->start));
		for (; at < b->start; at++)
			must(strchr(" \t\r\n>", text[at]) != NULL);
		at = b->end;
		if (b->kind == MARKDOWN_HEADING)
			markdown_heading_text(&words, text, b);
	}
	for (; at < n; at++)
		must(strchr(" \t\r\n>", text[at]) != NULL);
	markdown_free(&md);
	buf_free(&words);
	return 0;
}
