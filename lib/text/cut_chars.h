/*
 * What the parts of split share: the characters of a text, and its sentences.
 */
#ifndef SPLIT_PARTS_H
#define SPLIT_PARTS_H

#include "base/utf8.h"
#include "text/char_class.h"
#include "text/cut.h"

/* The class of the character at i, which is not ASCII, and its length. */
static inline enum script_class
split_long_class_at(const struct split *s, size_t i, size_t *length)
{
	uint32_t code;

	*length = utf8_step_valid(s->text + i, &code);
	return script_class(s->script, code);
}

/* The class of the character at i, and its length. n gives a space. */
static inline enum script_class
split_class_at(const struct split *s, size_t i, size_t *length)
{
	unsigned char c;

	if (i >= s->n) {
		*length = 0;
		return SCRIPT_SPACE;
	}
	c = (unsigned char)s->text[i];
	*length = 1;
	return c < 0x80 ? script_class(s->script, c)
			: split_long_class_at(s, i, length);
}

/* The class of the character in front of i, which is not 0. */
static inline enum script_class
split_class_before(const struct split *s, size_t i)
{
	size_t length;

	do
		i--;
	while (i > 0 && (s->text[i] & 0xC0) == 0x80);
	return split_class_at(s, i, &length);
}

static inline size_t
split_skip_class(const struct split *s, size_t i, enum script_class class)
{
	size_t length;

	while (i < s->n && split_class_at(s, i, &length) == class)
		i += length;
	return i;
}

static inline size_t
split_skip_spaces(const struct split *s, size_t i)
{
	return split_skip_class(s, i, SCRIPT_SPACE);
}

/* Whether a character extends the one before it. */
static inline int
split_is_mark(enum script_class c)
{
	return c == SCRIPT_EXTEND || c == SCRIPT_VIRAMA || c == SCRIPT_JOINER;
}

static inline int
split_is_stop(enum script_class c)
{
	return c == SCRIPT_STOP || c == SCRIPT_END;
}

/*
 * Where the next piece starts if one of the stops at i ends one, and its
 * level: a sentence, or what may be one. Else 0. *behind is behind them and
 * their closers; nothing else there ends a piece.
 */
size_t split_stop_end(
    const struct split *s, size_t i, enum split_level *level, size_t *behind);
/*
 * Where a word of Thai or Lao at i starts, with what opens in front of it, if
 * spaces behind from are in front of that; *level is that of the cut. Else 0.
 */
size_t split_thai_start(
    const struct split *s, size_t from, size_t i, enum split_level *level);

#endif
