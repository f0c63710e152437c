/* line_ends: the newlines of texts of all lengths, and those skipped */
#include "text/line_ends.h"

#include <string.h>

#include "tap.h"

enum { LONGEST = 3 * LINE_ENDS_WINDOW };

static char text[LONGEST];

/* Where the first newline at or behind at is, or n. */
static size_t
next_by_steps(size_t at, size_t n)
{
	while (at < n && text[at] != '\n')
		at++;
	return at;
}

/* How many of the newlines of text[0, n) are not found, or are at the end. */
static size_t
count_wrong(size_t n)
{
	struct line_ends l;
	size_t at = 0, wrong = 0;

	line_ends_start(&l, text, n);
	while ((at = next_by_steps(at, n)) < n)
		wrong += line_ends_next(&l) != at++;
	wrong += line_ends_next(&l) != n;
	wrong += line_ends_next(&l) != n;
	return wrong;
}

/* A newline every step bytes, from first on. */
static void
fill(size_t first, size_t step)
{
	memset(text, 0x8A, sizeof(text)); /* a newline but for its high bit */
	for (size_t i = first; i < sizeof(text); i += step)
		text[i] = '\n';
}

static void
test_lengths(void)
{
	size_t wrong = 0;

	for (size_t step = 1; step <= 70; step++) {
		fill(step / 2, step);
		for (size_t n = 0; n <= 200; n++)
			wrong += count_wrong(n);
		for (size_t n = LINE_ENDS_WINDOW - 2;
		     n <= LINE_ENDS_WINDOW + 66; n++)
			wrong += count_wrong(n);
		wrong += count_wrong(LONGEST);
	}
	fill(LONGEST - 1, 1);
	wrong += count_wrong(LONGEST);
	tap(wrong == 0, "newlines of all lengths: %zu wrong", wrong);
}

static void
test_skip(void)
{
	size_t wrong = 0;

	fill(3, 10);
	for (size_t to = 0; to < LONGEST; to += 7) {
		struct line_ends l;

		line_ends_start(&l, text, LONGEST);
		wrong += line_ends_next(&l) != 3;
		line_ends_skip(&l, to);
		wrong += line_ends_next(&l) !=
			 next_by_steps(to > 4 ? to : 4, LONGEST);
	}
	tap(wrong == 0, "newlines before an offset are skipped: %zu wrong",
	    wrong);
}

int
main(void)
{
	test_lengths();
	test_skip();
	return tap_done();
}
