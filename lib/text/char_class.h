/*
 * script - what a character does to the text around it
 *
 * One sorted table gives every code point the one class that matters for
 * cutting text: whether it ends a sentence or a clause, closes or opens
 * something, extends the character before it, or may be parted from its
 * neighbours without a space. It covers the scripts of living languages; a
 * code point that is not listed is SCRIPT_OTHER, an ordinary letter.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdint.h>

enum script_class {
	SCRIPT_OTHER,
	SCRIPT_SPACE,
	SCRIPT_STOP, /* . ! ? and the like: a sentence ends if space follows */
	SCRIPT_END,  /* ends a sentence, with or without a space */
	SCRIPT_CLAUSE, /* , ; : and the like: a clause ends if space follows */
	SCRIPT_PAUSE,  /* ends a clause, with or without a space */
	SCRIPT_CLOSE,  /* closing quote or bracket: belongs to what it closes */
	SCRIPT_OPEN,   /* opening bracket: belongs to what follows */
	SCRIPT_WIDE,   /* ideograph or kana: lines may break around it */
	SCRIPT_WIDE_CLOSE, /* of them: not at the start of a line */
	SCRIPT_WIDE_OPEN,  /* of them: not at the end of a line */
	SCRIPT_COMPLEX, /* Thai, Lao, Khmer, Burmese letter: words unmarked */
	SCRIPT_LEADING, /* of them: a vowel written before its consonant */
	SCRIPT_EXTEND,	/* combining mark, variation selector, skin tone */
	SCRIPT_VIRAMA,	/* extends, and joins the letter that follows */
	SCRIPT_JOINER,	/* ZWJ: joins the pictographs around it */
	SCRIPT_REGION,	/* regional indicator: two make a flag */
	SCRIPT_JAMO_L,	/* Hangul in parts, and in syllables */
	SCRIPT_JAMO_V,
	SCRIPT_JAMO_T,
	SCRIPT_SYLLABLE
};

enum {
	SCRIPT_PAGE = 256, /* code points */
	SCRIPT_PAGES = 0x110000 / SCRIPT_PAGE,
	SCRIPT_PAGES_KEPT = 128 /* many are alike */
};

/* The classes of all code points, for fast look-up. */
struct script_table {
	uint8_t pages[SCRIPT_PAGES]; /* which of those kept it is */
	uint8_t classes[SCRIPT_PAGES_KEPT][SCRIPT_PAGE];
	/* 1 << class for those of characters whose UTF-8 begins so. */
	uint32_t leads[256];
};

void script_fill(struct script_table *t);
static inline enum script_class
script_class(const struct script_table *t, uint32_t code)
{
	uint32_t page = code < SCRIPT_PAGE ? 0 : t->pages[code / SCRIPT_PAGE];

	return (enum script_class)t->classes[page][code % SCRIPT_PAGE];
}

#endif
