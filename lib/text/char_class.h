/*
 * char_class - what a character does to the text around it
 *
 * A sorted table gives each code point one class, which decides where text may
 * be cut: whether the character ends a sentence or a clause, closes or opens a
 * quote or bracket, extends the character before it, or allows a cut beside it
 * without a space. char_ranges.py makes the table. It covers the scripts of
 * living languages; a code point that is not listed is CHAR_CLASS_OTHER, as an
 * ordinary letter is.
 */
#ifndef CHAR_CLASS_H
#define CHAR_CLASS_H

#include <stdint.h>

enum char_class {
	CHAR_CLASS_OTHER,
	CHAR_CLASS_SPACE,
	CHAR_CLASS_STOP,   /* . ! ? and so on: end a sentence before a space */
	CHAR_CLASS_END,	   /* ends a sentence, with or without a space */
	CHAR_CLASS_CLAUSE, /* , ; : and so on: end a clause before a space */
	CHAR_CLASS_PAUSE,  /* ends a clause, with or without a space */
	CHAR_CLASS_CLOSE,  /* closing quote, bracket: belongs to text before */
	CHAR_CLASS_OPEN,   /* opening bracket: belongs to text behind */
	CHAR_CLASS_WIDE,   /* ideograph or kana: lines may break around it */
	CHAR_CLASS_WIDE_CLOSE, /* wide, but not at the start of a line */
	CHAR_CLASS_WIDE_OPEN,  /* wide, but not at the end of a line */
	CHAR_CLASS_COMPLEX, /* Thai, Lao, Khmer, Burmese: no space at words */
	CHAR_CLASS_LEADING, /* Thai, Lao: vowel written before its consonant */
	CHAR_CLASS_EXTEND,  /* combining mark, variation selector, skin tone */
	CHAR_CLASS_VIRAMA,  /* extends a letter, and joins the next one to it */
	CHAR_CLASS_JOINER,  /* ZWJ: joins the pictographs around it */
	CHAR_CLASS_REGION,  /* regional indicator: two make a flag */
	CHAR_CLASS_JAMO_L,  /* Hangul: leading consonant */
	CHAR_CLASS_JAMO_V,  /* vowel */
	CHAR_CLASS_JAMO_T,  /* trailing consonant */
	CHAR_CLASS_SYLLABLE /* whole syllable */
};

enum {
	CHAR_CLASS_PAGE = 256, /* code points */
	CHAR_CLASS_PAGES = 0x110000 / CHAR_CLASS_PAGE,
	CHAR_CLASS_PAGES_KEPT = 128 /* many pages are alike */
};

/* The classes of all code points, for fast look-up. */
struct char_class_table {
	uint8_t pages[CHAR_CLASS_PAGES]; /* index in classes */
	uint8_t classes[CHAR_CLASS_PAGES_KEPT][CHAR_CLASS_PAGE];
	/* 1 << class for each class that begins with this byte in UTF-8. */
	uint32_t leads[256];
};

void char_class_fill(struct char_class_table *t);
static inline enum char_class
char_class(const struct char_class_table *t, uint32_t code)
{
	uint32_t page =
	    code < CHAR_CLASS_PAGE ? 0 : t->pages[code / CHAR_CLASS_PAGE];

	return (enum char_class)t->classes[page][code % CHAR_CLASS_PAGE];
}

#endif
