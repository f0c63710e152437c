/*
 * letter - the general category of a character, as tokenizers see it
 */
#ifndef LETTER_H
#define LETTER_H

#include <stdint.h>

/* The categories of the Unicode standard, 4.5, put together. */
enum letter_class {
	LETTER_NONE,   /* anything else: punctuation, symbols, controls */
	LETTER_SPACE,  /* White_Space */
	LETTER_UPPER,  /* Lu, Lt */
	LETTER_LOWER,  /* Ll */
	LETTER_EITHER, /* Lm, Lo: letters without case */
	LETTER_MARK,   /* M */
	LETTER_NUMBER  /* N */
};

enum { LETTER_TABLE = 0x20000 };

/* The classes of the code points below LETTER_TABLE, for fast look-up. */
void letter_fill(uint8_t table[static LETTER_TABLE]);
enum letter_class letter_class(uint32_t code);

#endif
