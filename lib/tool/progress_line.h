/*
 * progress_line - the line that says how far some work is, and how fast it goes
 *
 * Pure: the line is appended to a buffer, and time is an argument.
 */
#ifndef PROGRESS_LINE_H
#define PROGRESS_LINE_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Items a second, over about the last ten seconds. Begin with zeros. */
struct progress_rate {
	struct {
		double at; /* seconds */
		uint64_t done;
	} samples[11]; /* the oldest first, a second or more between them */
	size_t n;
};

/* Note how many items are done now; the rate, or 0 if it is not known yet. */
double progress_rate_note(struct progress_rate *r, double now, uint64_t done);

struct progress_line {
	const char *what;      /* plural, for example "documents" */
	uint64_t done, failed; /* failed are among those done */
	uint64_t total;	       /* 0: not known, and there is no bar */
	double rate;	       /* items a second; 0: not known */
};

/*
 * Append "[####....] 20 of 50 documents, 3 failed, 2.1/s, 14.3 s left", with a
 * bar as wide as width allows, and no newline.
 */
void progress_line_put(
    const struct progress_line *p, size_t width, struct buf *out);

#endif
