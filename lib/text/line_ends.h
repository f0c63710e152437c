/*
 * line_ends - where the lines of a text end
 *
 * Lines are so short that a search for the end of each takes longer than to
 * find all in some blocks at once. That is done a window at a time, as they
 * are asked for.
 */
#ifndef LINE_ENDS_H
#define LINE_ENDS_H

#include <stddef.h>
#include <stdint.h>

enum { LINE_ENDS_BLOCK = 64, LINE_ENDS_WINDOW = 32 * LINE_ENDS_BLOCK };

struct line_ends {
	const char *text;
	size_t n;
	size_t at; /* the next window */
	size_t next, count;
	/* Of the newlines in this window; some may be put behind the last. */
	uint32_t ends[LINE_ENDS_WINDOW + 4];
};

/* Begin with a text of less than 4 GiB, which is borrowed. */
void line_ends_start(struct line_ends *l, const char *text, size_t n);
/* Skip the newlines before an offset. */
void line_ends_skip(struct line_ends *l, size_t to);
/* For line_ends_next: go on to the next window. */
void line_ends_go_on(struct line_ends *l);
/* The offset of the next newline; at last n, and ever again. */
static inline size_t
line_ends_next(struct line_ends *l)
{
	while (l->next == l->count) {
		if (l->at >= l->n)
			return l->n;
		line_ends_go_on(l);
	}
	return l->ends[l->next++];
}

#endif
