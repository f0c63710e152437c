/* char_class: the class of a character of each kind, and the table's pages */
#include "text/char_class.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tap.h"

static const struct {
	const char *name;
	uint32_t code;
	enum char_class class;
} cases[] = {
    {"a Latin letter", 'a', CHAR_CLASS_OTHER},
    {"a digit", '7', CHAR_CLASS_OTHER},
    {"a space", ' ', CHAR_CLASS_SPACE},
    {"a tab", '\t', CHAR_CLASS_SPACE},
    {"a no-break space is no place to break", 0xA0, CHAR_CLASS_OTHER},
    {"an ideographic space", 0x3000, CHAR_CLASS_SPACE},
    {"a full stop", '.', CHAR_CLASS_STOP},
    {"an ellipsis", 0x2026, CHAR_CLASS_STOP},
    {"an ideographic full stop", 0x3002, CHAR_CLASS_END},
    {"a danda", 0x0964, CHAR_CLASS_END},
    {"an Arabic question mark", 0x061F, CHAR_CLASS_END},
    {"a comma", ',', CHAR_CLASS_CLAUSE},
    {"an ideographic comma", 0x3001, CHAR_CLASS_PAUSE},
    {"a closing bracket", ')', CHAR_CLASS_CLOSE},
    {"a right quote", 0x201D, CHAR_CLASS_CLOSE},
    {"an opening bracket", '(', CHAR_CLASS_OPEN},
    {"an ideograph", 0x6F22, CHAR_CLASS_WIDE},
    {"one beyond 16 bits", 0x20BB7, CHAR_CLASS_WIDE},
    {"a small kana", 0x3063, CHAR_CLASS_WIDE_CLOSE},
    {"a corner bracket that opens", 0x300C, CHAR_CLASS_WIDE_OPEN},
    {"a Thai consonant", 0x0E01, CHAR_CLASS_COMPLEX},
    {"a Thai vowel in front", 0x0E40, CHAR_CLASS_LEADING},
    {"a combining accent", 0x0301, CHAR_CLASS_EXTEND},
    {"a variation selector", 0xFE0F, CHAR_CLASS_EXTEND},
    {"a skin tone", 0x1F3FD, CHAR_CLASS_EXTEND},
    {"a tag", 0xE0067, CHAR_CLASS_EXTEND},
    {"a mark of Unicode 17", 0x1ADD, CHAR_CLASS_EXTEND},
    {"a virama", 0x094D, CHAR_CLASS_VIRAMA},
    {"a zero width joiner", 0x200D, CHAR_CLASS_JOINER},
    {"a regional indicator", 0x1F1E9, CHAR_CLASS_REGION},
    {"an initial consonant of Hangul", 0x1100, CHAR_CLASS_JAMO_L},
    {"a vowel", 0x1161, CHAR_CLASS_JAMO_V},
    {"a final one", 0x11A8, CHAR_CLASS_JAMO_T},
    {"a syllable", 0xAC00, CHAR_CLASS_SYLLABLE},
    {"the last of them", 0xD7A3, CHAR_CLASS_SYLLABLE},
    {"behind it", 0xD7A4, CHAR_CLASS_OTHER},
    {"an emoji", 0x1F600, CHAR_CLASS_OTHER},
    {"no character", 0x10FFFF, CHAR_CLASS_OTHER},
};

/* Each character that is not of the other kind is among those of its lead. */
static void
test_leads(const struct char_class_table *t)
{
	size_t wrong = 0, listed = 0;

	for (uint32_t code = 0; code <= 0x10FFFF; code++) {
		enum char_class class = char_class(t, code);
		struct buf b = {0};

		if (class == CHAR_CLASS_OTHER ||
		    (code >= 0xD800 && code <= 0xDFFF))
			continue;
		utf8_put(&b, code);
		wrong += !(t->leads[(unsigned char)b.data[0]] >> class & 1);
		buf_free(&b);
		listed++;
	}
	tap(wrong == 0 && listed > 100000, "%zu are found by lead, %zu not",
	    listed, wrong);
	tap(t->leads['a'] == 0 && t->leads['.'] == 1u << CHAR_CLASS_STOP,
	    "a lead has the classes of its own characters alone");
}

int
main(void)
{
	static struct char_class_table t;

	memset(&t, 0xFF, sizeof(t));
	char_class_fill(&t);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		tap(char_class(&t, cases[i].code) == cases[i].class, "%s: %d",
		    cases[i].name, char_class(&t, cases[i].code));
	test_leads(&t);
	return tap_done();
}
