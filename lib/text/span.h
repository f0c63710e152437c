/*
 * span - the parts of Markdown's running text that should stay whole
 *
 * Links, code spans, HTML tags and math, as far as the text alone shows them.
 * Time is linear in the text for any input.
 */
#ifndef SPAN_H
#define SPAN_H

#include <stddef.h>
#include <stdint.h>

struct span {
	uint32_t start, end;
};

/* In order, and none within another. Begin with zeros; may be used again. */
struct spans {
	struct span *list;
	size_t count;
	size_t cap;
};

/* Set s to the spans of text. */
void span_find(struct spans *s, const char *text, size_t n);
void span_free(struct spans *s);

#endif
