/*
 * char_class - what a character does to the text around it
 *
 * One sorted table gives every code point the one class that matters for
 * cutting text: whether it ends a sentence or a clause, closes or opens
 * something, extends the character before it, or may be parted from its
 * neighbours without a space. char_ranges.py makes it. It covers the scripts of
 * living languages; a code point that is not listed is CHAR_CLASS_OTHER, an
 * ordinary letter.
 */
#ifndef CHAR_CLASS_H
#define CHAR_CLASS_H

#include <stdint.h>

enum char_class {
	CHAR_CLASS_OTHER,
	CHAR_CLASS_SPACE,
	CHAR_CLASS_STOP, /* . ! ? and the like: a sentence ends if space follows
			  */
	CHAR_CLASS_END,	 /* ends a sentence, with or without a space */
	CHAR_CLASS_CLAUSE, /* , ; : and the like: a clause ends if space follows
			    */
	CHAR_CLASS_PAUSE,  /* ends a clause, with or without a space */
	CHAR_CLASS_CLOSE, /* closing quote or bracket: belongs to what it closes
			   */
	CHAR_CLASS_OPEN,  /* opening bracket: belongs to what follows */
	CHAR_CLASS_WIDE,  /* ideograph or kana: lines may break around it */
	CHAR_CLASS_WIDE_CLOSE, /* of them: not at the start of a line */
	CHAR_CLASS_WIDE_OPEN,  /* of them: not at the end of a line */
	CHAR_CLASS_COMPLEX, /* Thai, Lao, Khmer, Burmese letter: words unmarked
			     */
	CHAR_CLASS_LEADING, /* of them: a vowel written before its consonant */
	CHAR_CLASS_EXTEND,  /* combining mark, variation selector, skin tone */
	CHAR_CLASS_VIRAMA,  /* extends, and joins the letter that follows */
	CHAR_CLASS_JOINER,  /* ZWJ: joins the pictographs around it */
	CHAR_CLASS_REGION,  /* regional indicator: two make a flag */
	CHAR_CLASS_JAMO_L,  /* Hangul in parts, and in syllables */
	CHAR_CLASS_JAMO_V,
	CHAR_CLASS_JAMO_T,
	CHAR_CLASS_SYLLABLE
};

enum {
	CHAR_CLASS_PAGE = 256, /* code points */
	CHAR_CLASS_PAGES = 0x110000 / CHAR_CLASS_PAGE,
	CHAR_CLASS_PAGES_KEPT = 128 /* many are alike */
};

/* The classes of all code points, for fast look-up. */
struct char_class_table {
	uint8_t pages[CHAR_CLASS_PAGES]; /* which of those kept it is */
	uint8_t classes[CHAR_CLASS_PAGES_KEPT][CHAR_CLASS_PAGE];
	/* 1 << class for those of characters whose UTF-8 begins so. */
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
