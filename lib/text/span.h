/*
 * span - the parts of Markdown's running text that should stay whole
 *
 * Links, code spans, HTML tags and math, as far as a look at the text alone
 * tells. Time is linear in the text for any input.
 */
#ifndef SPAN_H
#define SPAN_H

#include <stddef.h>
#include <stdint.h>

struct span {
	uint32_t start, end;
};

/* In order, none within another; start from zeros and use it again. */
struct spans {
	struct span *list;
	size_t count;
	size_t cap;
};

/* Set s to the spans of text. */
void span_find(struct spans *s, const char *text, size_t n);
void span_free(struct spans *s);

#endif
