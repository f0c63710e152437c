/*
 * What the parts of split share: the characters of a text, and its sentences.
 */
#ifndef CUT_CHARS_H
#define CUT_CHARS_H

#include "base/utf8.h"
#include "text/char_class.h"
#include "text/cut.h"

/* The class of the character at i, which is not ASCII, and its length. */
static inline enum char_class
cut_long_class_at(const struct cut *s, size_t i, size_t *length)
{
	uint32_t code;

	*length = utf8_step_valid(s->text + i, &code);
	return char_class(s->script, code);
}

/* The class of the character at i, and its length. n gives a space. */
static inline enum char_class
cut_class_at(const struct cut *s, size_t i, size_t *length)
{
	unsigned char c;

	if (i >= s->n) {
		*length = 0;
		return CHAR_CLASS_SPACE;
	}
	c = (unsigned char)s->text[i];
	*length = 1;
	return c < 0x80 ? char_class(s->script, c)
			: cut_long_class_at(s, i, length);
}

/* The class of the character in front of i, which is not 0. */
static inline enum char_class
cut_class_before(const struct cut *s, size_t i)
{
	size_t length;

	do
		i--;
	while (i > 0 && (s->text[i] & 0xC0) == 0x80);
	return cut_class_at(s, i, &length);
}

static inline size_t
cut_skip_class(const struct cut *s, size_t i, enum char_class class)
{
	size_t length;

	while (i < s->n && cut_class_at(s, i, &length) == class)
		i += length;
	return i;
}

static inline size_t
cut_skip_spaces(const struct cut *s, size_t i)
{
	return cut_skip_class(s, i, CHAR_CLASS_SPACE);
}

/* Whether a character extends the one before it. */
static inline int
cut_is_mark(enum char_class c)
{
	return c == CHAR_CLASS_EXTEND || c == CHAR_CLASS_VIRAMA ||
	       c == CHAR_CLASS_JOINER;
}

static inline int
cut_is_stop(enum char_class c)
{
	return c == CHAR_CLASS_STOP || c == CHAR_CLASS_END;
}

/*
 * Where the next piece starts if one of the stops at i ends one, and its
 * level: a sentence, or what may be one. Else 0. *behind is behind them and
 * their closers; nothing else there ends a piece.
 */
size_t sentence_stop_end(
    const struct cut *s, size_t i, enum cut_level *level, size_t *behind);
/*
 * Where a word of Thai or Lao at i starts, with what opens in front of it, if
 * spaces behind from are in front of that; *level is that of the cut. Else 0.
 */
size_t cut_thai_start(
    const struct cut *s, size_t from, size_t i, enum cut_level *level);

#endif
