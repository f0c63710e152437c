/*
 * lines - where the lines of a text end
 *
 * Lines are so short that a search for the end of each takes longer than to
 * find all in some blocks at once. That is done a window at a time, as they
 * are asked for.
 */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>
#include <stdint.h>

enum { LINES_BLOCK = 64, LINES_WINDOW = 32 * LINES_BLOCK };

struct lines {
	const char *text;
	size_t n;
	size_t at; /* the next window */
	size_t next, count;
	/* Of the newlines in this window; some may be put behind the last. */
	uint32_t ends[LINES_WINDOW + 4];
};

/* Begin with a text of less than 4 GiB, which is borrowed. */
void lines_start(struct lines *l, const char *text, size_t n);
/* Skip the newlines before an offset. */
void lines_skip(struct lines *l, size_t to);
/* For lines_next: go on to the next window. */
void lines_go_on(struct lines *l);
/* The offset of the next newline; at last n, and ever again. */
static inline size_t
lines_next(struct lines *l)
{
	while (l->next == l->count) {
		if (l->at >= l->n)
			return l->n;
		lines_go_on(l);
	}
	return l->ends[l->next++];
}

#endif
