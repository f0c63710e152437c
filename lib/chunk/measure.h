/*
 * measure - positions in a text, in the unit that limits chunks
 *
 * A measure walks forward through a text. At each place it has two numbers in
 * the unit: from, for a piece that starts there, and to, for a piece that ends
 * there. The size of a piece is the to of its end minus the from of its start.
 * This is exact, except in tokens for a piece that splits a word. If the word
 * is very long, the size is an upper bound, and loose is incremented. If the
 * piece begins and ends inside one word, the numbers cannot be used. Other
 * sizes may be wrong by one, as for parts of long numbers.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "text/char_marks.h"

struct token_counter;

enum measure_unit {
	MEASURE_BYTES,
	MEASURE_CHARS,
	MEASURE_TOKENS,
	MEASURE_ESTIMATE /* tokens, in 1/TOKEN_PARTS */
};

struct measure {
	enum measure_unit unit;
	struct token_counter *counter; /* for MEASURE_TOKENS */
	const char *text;
	uint32_t n;
	const struct char_marks *char_marks;
	uint32_t at; /* byte offset */
	uint32_t from;
	uint32_t to;
	uint32_t loose;
	/* The word that at is in, and the tokens before it or before at. */
	uint32_t word, word_end, tokens;
};

/* A place that a measure went to. */
struct measure_place {
	uint32_t at, from, to;
	uint32_t word;
};

/* Begin a text; char_marks has its code points. Both are borrowed. */
void measure_start(struct measure *m, const char *text, size_t n,
    const struct char_marks *char_marks);
/* For measure_go, if the unit is tokens: go from offset before to m->at. */
void measure_go_tokens(struct measure *m, uint32_t before);

/* Whether the unit is bytes or code points: from and to are equal. */
static inline int
measure_is_plain(const struct measure *m)
{
	return m->unit == MEASURE_BYTES || m->unit == MEASURE_CHARS;
}

/* The value of from and to at byte offset at, in such a unit. */
static inline uint32_t
measure_plain(const struct measure *m, uint32_t at)
{
	return m->unit == MEASURE_BYTES ? at
					: char_marks_chars(m->char_marks, at);
}

/* Go on to byte offset at, which is not before the current place. */
static inline void
measure_go(struct measure *m, uint32_t at)
{
	uint32_t before = m->at;

	m->at = at;
	if (measure_is_plain(m))
		m->from = m->to = measure_plain(m, at);
	else
		measure_go_tokens(m, before);
}

/* The current place. */
static inline struct measure_place
measure_place(const struct measure *m)
{
	return (struct measure_place){m->at, m->from, m->to, m->word};
}

/* The value of from at byte offset at, which is ahead. */
uint32_t measure_from(const struct measure *m, uint32_t at);
/* Whether a piece between two places of m begins and ends in one word. */
int measure_in_word(const struct measure *m, const struct measure_place *from,
    const struct measure_place *to);
/* The size of a piece between two places of m, or its upper bound. */
uint32_t measure_between(const struct measure *m,
    const struct measure_place *from, const struct measure_place *to);
/* The size of a text by itself. */
uint32_t measure_text(const struct measure *m, const char *text, size_t n);

#endif
