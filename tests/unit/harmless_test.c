/*
 * harmless: no control character reaches a terminal, and no other changes.
 */
#include "text/harmless.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tap.h"

/* Ranges of characters that must not pass, in order; see harmless.h. */
static const uint32_t controls[][2] = {{0x00, 0x1F}, {0x7F, 0x9F},
    {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069},
    {0xFEFF, 0xFEFF}};

static int
must_go(uint32_t c)
{
	for (size_t i = 0; i < sizeof(controls) / sizeof(*controls); i++)
		if (c >= controls[i][0] && c <= controls[i][1])
			return 1;
	return 0;
}

/* Try every code point alone; the first wrong one, or the end. */
static uint32_t
first_wrong(void)
{
	struct buf in = {0}, out = {0};
	uint32_t c;

	for (c = 0; c <= 0x10FFFF; c++) {
		buf_reset(&in, 64);
		buf_reset(&out, 64);
		utf8_put(&in, c);
		harmless_put(&out, in.data, in.len);
		if (harmless_is_control(c) != must_go(c))
			break;
		if (must_go(c) ? out.len != 1 || *out.data != ' '
			       : out.len != in.len ||
				     memcmp(out.data, in.data, in.len) != 0)
			break;
	}
	buf_free(&in);
	buf_free(&out);
	return c;
}

static const struct {
	const char *name, *in, *out;
} cases[] = {
    {"nothing", "", ""},
    {"a title for the window", "a\033]0;title\007b", "a ]0;title b"},
    {"a sequence begun by C1",
	"a\xC2\x9B"
	"31mb",
	"a 31mb"},
    {"text turned round",
	"a\xE2\x80\xAE"
	"b",
	"a b"},
    {"a raw byte of C1 is no UTF-8",
	"a\x9B"
	"31m",
	"a\xEF\xBF\xBD"
	"31m"},
    {"a sequence that was cut", "a\xE2\x80", "a\xEF\xBF\xBD\xEF\xBF\xBD"},
    {"accents and joiners stay", "\xC3\xA9\xE2\x80\x8D",
	"\xC3\xA9\xE2\x80\x8D"},
};

int
main(void)
{
	struct buf b = {0};
	uint32_t c = first_wrong();

	tap(c == 0x110000, "every code point (U+%04X)", (unsigned)c);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buf_reset(&b, 64);
		buf_puts(&b, "");
		harmless_put(&b, cases[i].in, strlen(cases[i].in));
		tap(b.len == strlen(cases[i].out) &&
			memcmp(b.data ? b.data : "", cases[i].out, b.len) == 0,
		    "%s", cases[i].name);
	}
	buf_free(&b);
	return tap_done();
}
