/* measure: sizes in each unit, of pieces and of texts of their own */
#include "chunk/measure.h"

#include <string.h>

#include "chunk/token.h"
#include "chunk/token_estimate.h"
#include "tap.h"
#include "token_vocabulary.h"

/* 4 + 1 + 4 characters, of 4 + 1 + 10 bytes. */
static const char text[] = "abcd \xC3\xA4\xE6\xBC\xA2\xE2\x82\xAC\xC3\xBC";
enum { LENGTH = sizeof(text) - 1 };

static void
start(struct measure *m, const char *s, struct char_marks *marks)
{
	char_marks_find(marks, s, strlen(s));
	measure_start(m, s, strlen(s), marks);
}

static void
test_plain(struct char_marks *marks)
{
	struct measure m = {.unit = MEASURE_CHARS};
	struct measure_place from, to;

	start(&m, text, marks);
	tap(measure_from(&m, 7) == 6 && m.at == 0, "what from will be");
	measure_go(&m, 5);
	from = measure_place(&m);
	measure_go(&m, LENGTH);
	to = measure_place(&m);
	tap(from.at == 5 && from.from == 5 && from.to == 5 && to.at == LENGTH &&
		to.to == 9,
	    "places in characters: %u to %u", from.from, to.to);
	tap(measure_between(&m, &from, &to) == 4, "a piece between them");
	tap(!measure_in_word(&m, &from, &to), "no words in characters");
	tap(measure_text(&m, text, LENGTH) == 9, "a text of its own");
	tap(measure_is_plain(&m), "it is plain");

	m = (struct measure){.unit = MEASURE_BYTES};
	start(&m, text, marks);
	measure_go(&m, 7);
	tap(m.from == 7 && m.to == 7 && measure_plain(&m, LENGTH) == LENGTH,
	    "places in bytes");
	tap(measure_text(&m, text, LENGTH) == LENGTH, "a text in bytes");
}

static void
test_estimate(struct char_marks *marks)
{
	struct measure m = {.unit = MEASURE_ESTIMATE};
	struct measure_place from;
	const char *words = "Some words, and 1234 more of them here.";
	size_t n = strlen(words), wrong = 0;
	uint32_t size;

	start(&m, words, marks);
	tap(!measure_is_plain(&m), "an estimate is not plain");
	/* A piece is as large as it is alone, wherever it stands. */
	for (uint32_t at = 0; at < n; at++) {
		start(&m, words, marks);
		measure_go(&m, at);
		from = measure_place(&m);
		measure_go(&m, (uint32_t)n);
		size = m.to - from.from;
		wrong += size != token_estimate_text(words + at, n - at);
	}
	tap(wrong == 0, "of all tails: %zu wrong", wrong);
	tap(measure_text(&m, words, n) == token_estimate_text(words, n) &&
		token_estimate_text(words, n) > 0,
	    "a text of its own");
}

/* Measure s; from and to become the places of two offsets. */
static void
go(struct measure *m, const char *s, struct char_marks *marks, uint32_t begin,
    uint32_t end, struct measure_place *from, struct measure_place *to)
{
	start(m, s, marks);
	measure_go(m, begin);
	*from = measure_place(m);
	measure_go(m, end);
	*to = measure_place(m);
}

/* The size of the piece of s between two offsets, and whether it is exact. */
static uint32_t
between(struct measure *m, const char *s, struct char_marks *marks,
    uint32_t begin, uint32_t end, int *exact)
{
	struct measure_place from, to;

	go(m, s, marks, begin, end, &from, &to);
	*exact = m->loose == 0;
	return measure_between(m, &from, &to);
}

static int
is_in_word(struct measure *m, const char *s, struct char_marks *marks,
    uint32_t begin, uint32_t end)
{
	struct measure_place from, to;

	go(m, s, marks, begin, end, &from, &to);
	return measure_in_word(m, &from, &to);
}

static void
test_tokens(struct char_marks *marks)
{
	struct token_vocabulary *v = make_vocabulary(20);
	struct measure m = {.unit = MEASURE_TOKENS};
	const char *s = "abc some words, xyzzy 12 and\n\n  (more) "
			"\xE6\xBC\xA2\xE5\xAD\x97 aaaaaaaaaaaa end";
	const char *numbers = "in 123456789, or 1234567";
	uint32_t n = (uint32_t)strlen(s), numbers_n = (uint32_t)strlen(numbers);
	size_t wrong = 0, whole = 0, off = 0, in_words = 0, pieces = 0;
	int exact;

	m.counter = token_counter_new(v);
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = i + 1; k <= n; k++) {
			uint32_t right, size;

			/* As pieces are: of whole characters, trimmed. */
			if ((s[i] & 0xC0) == 0x80 || (s[k] & 0xC0) == 0x80 ||
			    strchr(" \n", s[i]) || strchr(" \n", s[k - 1]))
				continue;
			right = (uint32_t)token_count(m.counter, s + i, k - i);
			size = between(&m, s, marks, i, k, &exact);
			if ((i == 0 || strchr(" \n", s[i - 1])) &&
			    (k == n || strchr(" \n", s[k])))
				whole += size == right;
			wrong += !exact || size < right || size > right + 1;
			off += size != right;
			pieces++;
		}
	tap(whole == 10 * 11 / 2, "pieces of whole words in tokens: %zu",
	    whole);
	tap(wrong == 0 && off <= 1, "of all %zu pieces %zu are one more",
	    pieces, off);
	for (uint32_t i = 0; i < numbers_n; i++)
		for (uint32_t k = i + 1; k <= numbers_n; k++)
			off += between(&m, numbers, marks, i, k, &exact) + 1 -
				   token_count(m.counter, numbers + i, k - i) >
			       2;
	tap(off <= 1, "parts of numbers are at most one off: %zu", off);
	for (uint32_t at = 17; at <= n; at++)
		in_words += (size_t)is_in_word(&m, s, marks, 17, at);
	/* From the second letter of " xyzzy" on: to itself, and three more. */
	tap(s[17] == 'y' && in_words == 4, "within a word: %zu", in_words);
	tap(s[15] == ' ' && !is_in_word(&m, s, marks, 15, 18),
	    "not from where a word begins");
	tap(measure_text(&m, s, n) == token_count(m.counter, s, n),
	    "a text of its own");
	token_counter_free(m.counter);
	token_vocabulary_free(v);
}

int
main(void)
{
	struct char_marks marks = {0};

	test_plain(&marks);
	test_estimate(&marks);
	test_tokens(&marks);
	char_marks_free(&marks);
	return tap_done();
}
