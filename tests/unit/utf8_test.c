/* utf8: validity, stepping, repair */
#include "utf8.h"

#include <string.h>

#include "buf.h"
#include "tap.h"

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

int
main(void)
{
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
	buf_free(&b);
	return tap_done();
}
