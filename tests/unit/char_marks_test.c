#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "text/char_marks.h"
#include "text/line_ends.h"

enum { LONGEST = 5000, ROUNDS = 400 };

/* Whether the marks of text equal those found byte by byte. */
static int
are_right(const struct char_marks *m, const char *text, size_t n)
{
	static struct line_ends lines;
	uint32_t chars = 0;

	line_ends_start(&lines, text, n);
	for (size_t i = 0; i < n; i++) {
		if (char_marks_chars(m, i) != chars)
			return 0;
		chars += (text[i] & 0xC0) != 0x80;
		if (text[i] == '\n' && line_ends_next(&lines) != i)
			return 0;
	}
	return char_marks_chars(m, n) == chars && line_ends_next(&lines) == n &&
	       line_ends_next(&lines) == n;
}

/* Text of line ends and characters of all lengths. */
static size_t
make_text(char *to, size_t most)
{
	static const char *const pieces[] = {"\n", "a", "\n\n\n\n\n",
	    "of words", "\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80", "\r\n"};
	size_t n = 0, kinds = 1 + (size_t)rand() % 8;

	for (;;) {
		const char *piece = pieces[(size_t)rand() % kinds];

		if (n + strlen(piece) > most)
			return n;
		memcpy(to + n, piece, strlen(piece));
		n += strlen(piece);
	}
}

int
main(void)
{
	struct char_marks m = {0};
	int wrong = 0;

	for (size_t i = 0; i < ROUNDS; i++) {
		/*
		 * Memory of the exact size, so that a read beyond it is found.
		 */
		size_t most = i < 200 ? i : (size_t)rand() % LONGEST;
		char *text = malloc(most + 1);
		size_t n = make_text(text, most);

		text = realloc(text, n + (n == 0));
		char_marks_find(&m, text, n);
		wrong += !are_right(&m, text, n);
		free(text);
	}
	tap(wrong == 0, "line ends and code points: %d texts wrong", wrong);
	char_marks_free(&m);
	return tap_done();
}
