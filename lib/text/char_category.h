/*
 * char_category - the general category of a character, as tokenizers see it
 */
#ifndef CHAR_CATEGORY_H
#define CHAR_CATEGORY_H

#include <stdint.h>

/* Groups of the general categories of the Unicode standard, 4.5. */
enum char_category {
	CHAR_CATEGORY_NONE,  /* anything else: punctuation, symbols, controls */
	CHAR_CATEGORY_SPACE, /* White_Space */
	CHAR_CATEGORY_UPPER, /* Lu, Lt */
	CHAR_CATEGORY_LOWER, /* Ll */
	CHAR_CATEGORY_EITHER, /* Lm, Lo: letters without case */
	CHAR_CATEGORY_MARK,   /* M */
	CHAR_CATEGORY_NUMBER  /* N */
};

enum { CHAR_CATEGORY_TABLE = 0x20000 };

/* Fill the table for code points below its size, for fast look-up. */
void char_category_fill(uint8_t table[static CHAR_CATEGORY_TABLE]);
enum char_category char_category(uint32_t code);

#endif
