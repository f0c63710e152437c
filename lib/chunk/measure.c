#include "chunk/measure.h"

#include "base/utf8.h"
#include "chunk/token.h"
#include "chunk/token_estimate.h"

enum {
	LONG_WORD = 256, /* bytes; a longer word is counted in parts */
	LOOSE = 1,  /* tokens added for a part, as joined parts may have more */
	TRIES = 16, /* words until two divisions of a text must meet */
	MISSED = 2  /* tokens added if they do not */
};

void
measure_start(struct measure *m, const char *text, size_t n,
    const struct char_marks *char_marks)
{
	m->text = text;
	m->n = (uint32_t)n;
	m->char_marks = char_marks;
	m->at = m->from = m->to = m->loose = 0;
	m->word = m->word_end = m->tokens = 0;
}

static uint32_t
word_end(const struct measure *m, uint32_t at)
{
	return (uint32_t)token_word(m->counter, m->text, m->n, at);
}

static uint32_t
count(const struct measure *m, uint32_t from, uint32_t to)
{
	return (uint32_t)token_count(m->counter, m->text + from, to - from);
}

/* Go on by words, to the word that holds at. */
static void
find_word(struct measure *m)
{
	while (m->word_end <= m->at) {
		if (m->word_end > m->word)
			m->tokens += (uint32_t)token_count_word(m->counter,
			    m->text + m->word, m->word_end - m->word);
		m->word = m->word_end;
		if (m->word == m->n)
			break;
		m->word_end = word_end(m, m->word);
	}
}

/*
 * The value of from inside a word: the tokens of the text that a piece which
 * starts here does not have. The piece is divided into words of its own, until
 * one begins where a word of the text begins.
 */
static uint32_t
tokens_spared(struct measure *m)
{
	uint32_t own = m->at, other = m->word, other_end = m->word_end;
	uint32_t own_tokens = 0, tokens = m->tokens, end;

	for (int i = 0; own != other && i < TRIES; i++) {
		while (other < own) {
			tokens += (uint32_t)token_count_word(
			    m->counter, m->text + other, other_end - other);
			other = other_end;
			other_end = other < m->n ? word_end(m, other) : other;
		}
		if (own == other)
			break;
		end = word_end(m, own);
		own_tokens += (uint32_t)token_count_word(
		    m->counter, m->text + own, end - own);
		own = end;
	}
	if (own != other) {
		own_tokens += MISSED;
		m->loose++;
	}
	return tokens > own_tokens ? tokens - own_tokens : 0;
}

static void
go_tokens(struct measure *m)
{
	find_word(m);
	if (m->at == m->word || m->word == m->n) {
		m->from = m->to = m->tokens;
		return;
	}
	if (m->word_end - m->word > LONG_WORD) {
		m->tokens += count(m, m->word, m->at) + LOOSE;
		m->loose++;
		m->word = m->at;
		m->from = m->to = m->tokens;
		return;
	}
	m->to = m->tokens + count(m, m->word, m->at);
	m->from = tokens_spared(m);
}

/*
 * Go on from offset before. A piece that starts here is measured as if a line
 * end were before it. Numbers may wrap around, but their differences are right.
 */
static void
go_estimate(struct measure *m, uint32_t before)
{
	char last = before > 0 ? m->text[before - 1] : '\n';

	m->tokens += token_estimate_go(last, m->text + before, m->at - before);
	m->from = m->to = m->tokens;
	if (m->at == m->n)
		return;
	last = m->at > 0 ? m->text[m->at - 1] : '\n';
	m->from += token_estimate_go(last, m->text + m->at, 1);
	m->from -= token_estimate_go('\n', m->text + m->at, 1);
}

void
measure_go_tokens(struct measure *m, uint32_t before)
{
	if (m->unit == MEASURE_TOKENS)
		go_tokens(m);
	else
		go_estimate(m, before);
}

uint32_t
measure_from(const struct measure *m, uint32_t at)
{
	struct measure ahead;

	if (measure_is_plain(m))
		return measure_plain(m, at);
	ahead = *m;
	measure_go(&ahead, at);
	return ahead.from;
}

int
measure_in_word(const struct measure *m, const struct measure_place *from,
    const struct measure_place *to)
{
	return m->unit == MEASURE_TOKENS && from->at > from->word &&
	       from->word == to->word;
}

uint32_t
measure_between(const struct measure *m, const struct measure_place *from,
    const struct measure_place *to)
{
	return measure_in_word(m, from, to) ? count(m, from->at, to->at)
					    : to->to - from->from;
}

uint32_t
measure_text(const struct measure *m, const char *text, size_t n)
{
	switch (m->unit) {
	case MEASURE_CHARS:
		return (uint32_t)utf8_count(text, n);
	case MEASURE_TOKENS:
		return (uint32_t)token_count(m->counter, text, n);
	case MEASURE_ESTIMATE:
		return token_estimate_text(text, n);
	default:
		return (uint32_t)n;
	}
}
