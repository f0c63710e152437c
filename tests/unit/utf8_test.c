/* utf8: validity, stepping, repair */
#include "base/utf8.h"

#include <string.h>

#include "base/buf.h"
#include "tap.h"
#include "text/char_category.h"

static const struct {
	const char *name, *in;
	size_t n, valid;
	const char *repaired;
	size_t count;
} cases[] = {
    {"empty", "", 0, 0, "", 0},
    {"ascii over a word", "0123456789", 10, 10, "0123456789", 0},
    {"two to four bytes", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, 9,
	"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 0},
    {"overlong", "a\xC0\xAF", 3, 1, "a\xEF\xBF\xBD\xEF\xBF\xBD", 2},
    {"surrogate", "\xED\xA0\x80", 3, 0, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
	3},
    {"above 10FFFF", "\xF4\x90\x80\x80", 4, 0,
	"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 4},
    {"cut short counts once", "x\xE2\x82", 3, 1, "x\xEF\xBF\xBD", 1},
    {"NUL", "a\0b", 3, 3,
	"a\xEF\xBF\xBD"
	"b",
	1},
};

/* The valid prefix, a sequence at a time. */
static size_t
valid_by_steps(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		uint32_t code;
		size_t k = utf8_step(s + i, n - i, &code);

		if (k == 1 && code == UTF8_REPLACEMENT)
			break;
		i += k;
	}
	return i;
}

/* Long texts are read by blocks: any four bytes where two blocks meet. */
static void
test_blocks(void)
{
	static const unsigned char edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90,
	    0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF};
	enum { EDGES = sizeof(edges), LENGTH = 164 };
	size_t wrong = 0, at = 58;
	char s[LENGTH];

	memset(s, 'a', sizeof(s));
	for (unsigned i = 0; i < 256u * 256 * EDGES * EDGES; i++) {
		s[at] = (char)(i & 255);
		s[at + 1] = (char)(i >> 8 & 255);
		s[at + 2] = (char)edges[(i >> 16) % EDGES];
		s[at + 3] = (char)edges[(i >> 16) / EDGES];
		wrong += utf8_valid(s, LENGTH) != valid_by_steps(s, LENGTH);
		if (i % 65536 == 65535) {
			memset(s + at, 'a', 4);
			at = at == 65 ? 58 : at + 1;
		}
	}
	tap(wrong == 0, "four bytes across blocks: %zu wrong", wrong);
}

static void
test_spaces(void)
{
	size_t wrong = 0;

	for (uint32_t code = 0x80; code <= 0x10FFFF; code++) {
		struct buf b = {0};
		size_t n;

		if (code >= 0xD800 && code <= 0xDFFF)
			continue;
		buf_puts(&b, "\xE2\x80");
		n = b.len;
		utf8_put(&b, code);
		wrong += utf8_space_before(b.data, b.len) !=
			 (char_category(code) == CHAR_CATEGORY_SPACE ? b.len - n
								     : 0);
		buf_free(&b);
	}
	tap(wrong == 0, "white space of Unicode: %zu wrong", wrong);
	tap(utf8_space_before("\xA0", 1) == 0, "none in half a character");
	tap(utf8_space_before(" ", 1) == 0, "none in ASCII");
}

int
main(void)
{
	test_spaces();
	static const uint32_t codes[] = {0x24, 0xE9, 0x20AC, 0x1F600};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t first = 99, count;

		buf_reset(&b, 1024);
		count = utf8_repair(&b, cases[i].in, cases[i].n, &first);
		tap(utf8_valid(cases[i].in, cases[i].n) == cases[i].valid,
		    "%s: valid prefix", cases[i].name);
		tap(count == cases[i].count &&
			b.len == strlen(cases[i].repaired) &&
			memcmp(b.data ? b.data : "", cases[i].repaired,
			    b.len) == 0,
		    "%s: repaired", cases[i].name);
	}
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		uint32_t code;

		buf_reset(&b, 1024);
		utf8_put(&b, codes[i]);
		tap(utf8_step(b.data, b.len, &code) == b.len &&
			code == codes[i] && utf8_count(b.data, b.len) == 1,
		    "U+%04X there and back", (unsigned)codes[i]);
	}
	tap(utf8_floor("a\xE2\x82\xAC", 4, 3) == 1, "floor keeps sequences");
	test_blocks();
	buf_free(&b);
	return tap_done();
}
