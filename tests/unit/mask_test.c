#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tap.h"
#include "text/mask.h"

static const char *const secrets[] = {
    "sk-0123456789abcdef", "short", "p4ssw0rd-p4ssw0rd", NULL};

static const struct {
	const char *text, *expected;
} cases[] = {
    {"", ""},
    {"nothing to hide", "nothing to hide"},
    {"key sk-0123456789abcdef given", "key *** given"},
    {"sk-0123456789abcdef", "***"},
    {"sk-01234 is a piece", "*** is a piece"},
    {"a piece: 9abcdef", "a piece: 9abcdef"},
    {"a piece: 89abcdef", "a piece: ***"},
    {"in the middle 3456789ab.", "in the middle ***."},
    {"sk-01****cdef", "sk-01****cdef"},
    {"twice sk-0123456789abcdefsk-0123456789abcdef", "twice ***"},
    {"a short one", "a short one"},
    {"p4ssw0rd", "***"},
    {"both p4ssw0rd- sk-01234", "both *** ***"},
};

int
main(void)
{
	char text[64] = "at p4ssw0rd here";

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = {0};

		buf_puts(&b, "");
		mask_add(&b, cases[i].text, strlen(cases[i].text), secrets);
		tap(strcmp(b.len ? b.data : "", cases[i].expected) == 0,
		    "'%s' becomes '%s'", cases[i].text, cases[i].expected);
		b.len = 0;
		mask_add(&b, cases[i].text, strlen(cases[i].text), NULL);
		tap(b.len == strlen(cases[i].text),
		    "'%s' without secrets stays", cases[i].text);
		buf_free(&b);
	}
	mask_text(text, sizeof(text), secrets);
	tap(strcmp(text, "at *** here") == 0, "in place: %s", text);
	return tap_done();
}
