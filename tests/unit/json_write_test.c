#include "record/json_write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { LONGEST = 300, ROUNDS = 2000 };

/* What json_string should write, byte by byte. */
static void
expect(struct buf *b, const char *s, size_t n, size_t *escapes)
{
	static const char *const letters[32] = {['\b'] = "\\b",
	    ['\t'] = "\\t",
	    ['\n'] = "\\n",
	    ['\f'] = "\\f",
	    ['\r'] = "\\r"};

	*escapes = 0;
	buf_putc(b, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		*escapes += c < 32 || c == '"' || c == '\\';
		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c >= 32)
			buf_putc(b, (char)c);
		else if (letters[c] != NULL)
			buf_puts(b, letters[c]);
		else
			buf_printf(b, "\\u%04x", c);
	}
	buf_putc(b, '"');
}

/* Strings in memory of the exact size, so that a read beyond them is found. */
static void
test_strings(void)
{
	struct buf right = {0}, written = {0};
	int wrong = 0, miscounted = 0;
	size_t escapes;

	for (size_t i = 0; i < ROUNDS; i++) {
		size_t n = i < LONGEST ? i : (size_t)rand() % LONGEST;
		char *s = malloc(n + (n == 0));
		int rare = rand() % 40 + 1;

		for (size_t k = 0; k < n; k++)
			s[k] = (char)(rand() % rare == 0 ? rand() % 36
							 : 32 + rand() % 224);
		right.len = written.len = 0;
		expect(&right, s, n, &escapes);
		json_string(&written, s, n);
		wrong += right.len != written.len ||
			 memcmp(right.data, written.data, right.len) != 0;
		miscounted += json_escapes(s, n) != escapes;
		free(s);
	}
	tap(wrong == 0, "strings are escaped: %d wrong", wrong);
	tap(miscounted == 0, "escapes are counted: %d wrong", miscounted);
	buf_free(&right);
	buf_free(&written);
}

static void
test_members(void)
{
	struct buf b = {0};

	json_member_uint(&b, "none", 0);
	json_member_uint(&b, "most", UINT64_MAX);
	json_member_plain(&b, "id", "a1");
	json_member_raw(&b, "text", "a\\n", 3);
	json_member(&b, "title", "\n", 1);
	tap(strcmp(b.data,
		",\"none\":0,\"most\":18446744073709551615,"
		"\"id\":\"a1\",\"text\":\"a\\n\",\"title\":\"\\n\"") == 0,
	    "members follow one another");
	buf_free(&b);
}

/* Numbers of any length, and numbers next to each power of ten. */
static void
test_numbers(void)
{
	struct buf b = {0};
	uint64_t power = 1;
	char right[24];
	int wrong = 0;

	for (int length = 1; length <= 20; length++, power *= 10)
		for (uint64_t v = power - 2; v != power + 3; v++) {
			snprintf(right, sizeof(right), "%" PRIu64, v);
			buf_reset(&b, 64);
			json_uint(&b, v);
			wrong += strcmp(b.data, right) != 0;
		}
	tap(wrong == 0, "numbers are written: %d wrong", wrong);
	buf_free(&b);
}

int
main(void)
{
	test_numbers();
	test_strings();
	test_members();
	return tap_done();
}
