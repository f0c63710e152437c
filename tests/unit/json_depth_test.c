/*
 * json_depth: brackets count, but not in strings
 */
#include <string.h>

#include "base/buf.h"
#include "record/json_depth.h"
#include "tap.h"

static const struct {
	const char *name, *head, *each, *tail;
	size_t times;
	int over;
} cases[] = {
    {"nothing", "", "", "", 0, 0},
    {"as deep as may be", "", "[", "", 512, 0},
    {"one more", "", "[", "", 513, 1},
    {"objects count too", "", "{\"a\":", "", 513, 1},
    {"one after the other", "[", "[],", "[]]", 9999, 0},
    {"in a string", "[\"", "[", "\"]", 9999, 0},
    {"behind an escaped quote", "[\"\\\"", "[", "\"]", 9999, 0},
    {"behind a string that ends in a backslash", "[\"\\\\\",", "[", "", 513, 1},
    {"a string without an end", "[\"", "[", "", 9999, 0},
    {"too many ends", "]]]}", "[", "", 512, 0},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = {0};

		buf_puts(&b, cases[i].head);
		for (size_t k = 0; k < cases[i].times; k++)
			buf_puts(&b, cases[i].each);
		buf_puts(&b, cases[i].tail);
		tap(json_depth_is_over(b.len > 0 ? b.data : "", b.len) ==
			cases[i].over,
		    "%s", cases[i].name);
		buf_free(&b);
	}
	return tap_done();
}
