/*
 * line_ends - where the lines of a text end
 *
 * Lines are short: to search for the end of each line takes longer than to find
 * all newlines of several blocks at once. The newlines of one window are found
 * at a time, when the first of them is needed.
 */
#ifndef LINE_ENDS_H
#define LINE_ENDS_H

#include <stddef.h>
#include <stdint.h>

enum { LINE_ENDS_BLOCK = 64, LINE_ENDS_WINDOW = 32 * LINE_ENDS_BLOCK };

struct line_ends {
	const char *text;
	size_t n;
	size_t at; /* start of the next window */
	size_t next, count;
	/* Newlines of this window; up to four entries behind are written. */
	uint32_t ends[LINE_ENDS_WINDOW + 4];
};

/* Begin with a text of less than 4 GiB, which is borrowed. */
void line_ends_start(struct line_ends *l, const char *text, size_t n);
/* Skip the newlines before an offset. */
void line_ends_skip(struct line_ends *l, size_t to);
/* For line_ends_next: go on to the next window. */
void line_ends_go_on(struct line_ends *l);
/* The offset of the next newline; n if there are no more. */
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
