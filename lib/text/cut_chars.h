/*
 * cut_chars - the characters of a text, by their classes
 */
#ifndef CUT_CHARS_H
#define CUT_CHARS_H

#include <stddef.h>

#include "base/utf8.h"
#include "text/char_class.h"

/* A text of valid UTF-8, which is borrowed, and the classes of characters. */
struct cut_chars {
	struct char_class_table *classes;
	const char *text;
	size_t n;
};

/* The class of the character at i, which is not ASCII, and its length. */
static inline enum char_class
cut_chars_long_class(const struct cut_chars *t, size_t i, size_t *length)
{
	uint32_t code;

	*length = utf8_step_valid(t->text + i, &code);
	return char_class(t->classes, code);
}

/* The class of the character at i, and its length; a space of 0 bytes at n. */
static inline enum char_class
cut_chars_class(const struct cut_chars *t, size_t i, size_t *length)
{
	unsigned char c;

	if (i >= t->n) {
		*length = 0;
		return CHAR_CLASS_SPACE;
	}
	c = (unsigned char)t->text[i];
	*length = 1;
	return c < 0x80 ? char_class(t->classes, c)
			: cut_chars_long_class(t, i, length);
}

/* The class of the character before i, which is not 0. */
static inline enum char_class
cut_chars_class_before(const struct cut_chars *t, size_t i)
{
	size_t length;

	do
		i--;
	while (i > 0 && (t->text[i] & 0xC0) == 0x80);
	return cut_chars_class(t, i, &length);
}

static inline size_t
cut_chars_skip_class(const struct cut_chars *t, size_t i, enum char_class class)
{
	size_t length;

	while (i < t->n && cut_chars_class(t, i, &length) == class)
		i += length;
	return i;
}

static inline size_t
cut_chars_skip_spaces(const struct cut_chars *t, size_t i)
{
	return cut_chars_skip_class(t, i, CHAR_CLASS_SPACE);
}

/* Whether a character extends the one before it. */
static inline int
cut_chars_is_mark(enum char_class c)
{
	return c == CHAR_CLASS_EXTEND || c == CHAR_CLASS_VIRAMA ||
	       c == CHAR_CLASS_JOINER;
}

static inline int
cut_chars_is_stop(enum char_class c)
{
	return c == CHAR_CLASS_STOP || c == CHAR_CLASS_END;
}

#endif
