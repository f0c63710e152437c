/*
 * Where sentences end. Most marks may also stand inside a sentence. The word
 * before a mark and the text behind it decide whether the mark ends a sentence.
 * If this is not certain, the cut is CUT_STOP.
 */
#include "text/sentence.h"

#include <stdlib.h>
#include <string.h>

enum {
	ABBREVIATION_MAX = 16,
	SHORT_WORD = 5 /* letters; before a digit, maybe an abbreviation */
};

/*
 * Abbreviations, in lower case, sorted: a full stop behind them does not end a
 * sentence. Single letters ("J. Doe", "z. B.") need no entry. The entries for
 * Hindi include the names of letters.
 */
/* clang-format off */
static const char *const abbreviations[] = {
    "abb", "abs", "al", "approx", "apr", "aprox", "art", "aug", "avda", "avr",
    "bd", "bspw", "bzw", "ca", "cap", "capt", "cf", "ch", "chap", "co", "col",
    "corp", "cpl", "dec", "dept", "dez", "dr", "dra", "d\303\251c", "ed",
    "eds", "ee", "eg", "einschl", "ej", "esp", "etc", "ev", "evtl", "ex",
    "feb", "fig", "figs", "fr", "f\xC3\xA9vr", "gen", "ggf", "gov", "hr",
    "hrsg", "ie", "inc", "inkl", "jan", "janv", "jr", "juil", "jul", "jun",
    "kap", "lt", "ltd", "max", "mgr", "min", "mio", "mr", "mrs", "ms", "mt",
    "no", "nos", "nov", "nr", "n\xC3\xBAm", "oct", "okt", "op", "p", "par",
    "pp", "pr", "prof", "p\xC3\xA1g", "p\xC3\xA1gs", "rev", "sec", "sen",
    "sep", "sept", "sgt", "sog", "sr", "sra", "srta", "st", "str", "tab",
    "u.s", "usw", "uu", "vgl", "vol", "vols", "vs", "z.b",
    /* Russian */
    "\xD0\xB0\xD0\xBA\xD0\xB0\xD0\xB4", "\xD0\xB3\xD0\xB3",
    "\xD0\xB3\xD0\xBB", "\xD0\xB4\xD0\xBE\xD1\x86",
    "\xD0\xBA\xD0\xB0\xD0\xBF", "\xD0\xBA\xD0\xB2",
    "\xD0\xBC\xD0\xBB\xD0\xBD", "\xD0\xBC\xD0\xBB\xD1\x80\xD0\xB4",
    "\xD0\xBE\xD0\xBA", "\xD0\xBF\xD0\xB5\xD1\x80",
    "\xD0\xBF\xD1\x80\xD0\xBE\xD1\x81\xD0\xBF",
    "\xD0\xBF\xD1\x80\xD0\xBE\xD1\x84", "\xD1\x80\xD0\xB8\xD1\x81",
    "\xD1\x80\xD1\x83\xD0\xB1", "\xD1\x81\xD0\xBC",
    "\xD1\x81\xD1\x82\xD1\x80", "\xD1\x82\xD0\xB0\xD0\xB1",
    "\xD1\x82\xD0\xB0\xD0\xB1\xD0\xBB", "\xD1\x82\xD1\x8B\xD1\x81",
    "\xD1\x83\xD0\xBB",
    /* Arabic */
    "\xD9\x87\xD9\x80",
    /* Hindi */
    "\xE0\xA4\x86\xE0\xA4\xB0", "\xE0\xA4\x88", "\xE0\xA4\x8F",
    "\xE0\xA4\x8F\xE0\xA4\x9A", "\xE0\xA4\x8F\xE0\xA4\xA8",
    "\xE0\xA4\x8F\xE0\xA4\xAB", "\xE0\xA4\x8F\xE0\xA4\xAE",
    "\xE0\xA4\x8F\xE0\xA4\xB2", "\xE0\xA4\x8F\xE0\xA4\xB8",
    "\xE0\xA4\x95\xE0\xA4\xBF", "\xE0\xA4\x95\xE0\xA5\x87",
    "\xE0\xA4\x9C\xE0\xA5\x80", "\xE0\xA4\x9C\xE0\xA5\x87",
    "\xE0\xA4\x9F\xE0\xA5\x80", "\xE0\xA4\xA1\xE0\xA5\x80",
    "\xE0\xA4\xA1\xE0\xA5\x89", "\xE0\xA4\xA8\xE0\xA4\x82",
    "\xE0\xA4\xAA\xE0\xA4\x82", "\xE0\xA4\xAA\xE0\xA5\x80",
    "\xE0\xA4\xAA\xE0\xA5\x8D\xE0\xA4\xB0\xE0\xA5\x8B",
    "\xE0\xA4\xAC\xE0\xA5\x80", "\xE0\xA4\xAE\xE0\xA4\xBF",
    "\xE0\xA4\xAE\xE0\xA5\x8B", "\xE0\xA4\xAF\xE0\xA5\x82",
    "\xE0\xA4\xB0\xE0\xA5\x81", "\xE0\xA4\xB5\xE0\xA5\x80",
    "\xE0\xA4\xB8\xE0\xA4\x82", "\xE0\xA4\xB8\xE0\xA5\x80",
};
/* clang-format on */

static int
compare_word(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static size_t
step_back(const struct cut_chars *s, size_t i)
{
	do {
		i--;
	} while (i > 0 && (s->text[i] & 0xC0) == 0x80);
	return i;
}

/* Where the word that ends at i starts; it may hold full stops. */
static size_t
word_start(const struct cut_chars *s, size_t i)
{
	size_t start = i, length;

	while (start > 0 && i - start <= ABBREVIATION_MAX) {
		size_t k = step_back(s, start);

		switch (cut_chars_class(s, k, &length)) {
		case CHAR_CLASS_OTHER:
		case CHAR_CLASS_STOP:
		case CHAR_CLASS_EXTEND:
		case CHAR_CLASS_VIRAMA:
			start = k;
			break;
		default:
			return start;
		}
	}
	return start;
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether i is in Thai or Lao, where full stops end only abbreviations. */
static int
is_thai(const struct cut_chars *s, size_t i)
{
	return i + 1 < s->n && (unsigned char)s->text[i] == 0xE0 &&
	       ((unsigned char)s->text[i + 1] & 0xFC) == 0xB8;
}

/*
 * Whether one letter follows the last full stop in the word of n bytes, as in
 * "z.B" and "\xD1\x82.\xD0\xB4", or two, not both ASCII, as in a syllable.
 */
static int
is_dotted(const char *word, size_t n)
{
	size_t i = n, letters = 0;

	for (; i > 0 && word[i - 1] != '.'; i--)
		letters += (word[i - 1] & 0xC0) != 0x80;
	return i > 0 && !is_digit(word[i]) &&
	       (letters == 1 || (letters == 2 && n - i > 2));
}

/* Whether a number and a space are before the word at start. */
static int
is_unit(const struct cut_chars *s, size_t start)
{
	return start >= 2 && s->text[start - 1] == ' ' &&
	       is_digit(s->text[start - 2]);
}

/* Whether the full stop at i ends an abbreviation or a list item's number. */
static int
is_abbreviation(const struct cut_chars *s, size_t i)
{
	char word[ABBREVIATION_MAX + 1];
	size_t start = word_start(s, i), n = i - start, digits = 0;

	if (i >= 3 && is_thai(s, i - 3))
		return 1;
	if (n == 0 || n > ABBREVIATION_MAX)
		return 0;
	for (size_t k = 0; k < n; k++) {
		char c = s->text[start + k];

		digits += is_digit(c);
		word[k] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	word[n] = '\0';
	/* "1." begins a list item; a year may end a sentence. */
	if (digits == n)
		return n <= 2 && (start == 0 || s->text[start - 1] == '\n');
	/* An initial; but "I" is a word, and a unit may end a sentence. */
	if (n == 1)
		return s->text[start] != 'I' && !is_unit(s, start);
	if (n == 2 && (s->text[start] & 0xE0) == 0xC0)
		return !is_unit(s, start);
	return is_dotted(word, n) ||
	       bsearch(word, abbreviations,
		   sizeof(abbreviations) / sizeof(*abbreviations),
		   sizeof(*abbreviations), compare_word) != NULL;
}

/*
 * Whether the full stop at i may be inside a sentence: it is behind a number
 * ("3. Mai"), a short word before a number ("chap. 3"), or a unit ("500 v.
 * Chr."). next is where the text goes on.
 */
static int
may_abbreviate(const struct cut_chars *s, size_t i, size_t next)
{
	size_t start = word_start(s, i), letters = 0;
	int digits = 1, before_digit = next < s->n && is_digit(s->text[next]);

	for (size_t k = start; k < i; k++) {
		digits &= is_digit(s->text[k]);
		letters += (s->text[k] & 0xC0) != 0x80;
	}
	return letters > 0 && ((digits && letters <= 2) ||
				  (letters == 1 && is_unit(s, start)) ||
				  (before_digit && letters <= SHORT_WORD));
}

static int
starts_lower(const struct cut_chars *s, size_t i)
{
	unsigned char c = i < s->n ? (unsigned char)s->text[i] : ' ';
	unsigned char d = i + 1 < s->n ? (unsigned char)s->text[i + 1] : 0;

	/* Only letters of Latin and Cyrillic are known here. */
	return (c >= 'a' && c <= 'z') || (c == 0xC3 && d >= 0x9F) ||
	       (c == 0xD0 && d >= 0xB0) || (c == 0xD1 && d <= 0x9F);
}

/* Whether a letter of a script that has no capitals is at i. */
static int
starts_caseless(const struct cut_chars *s, size_t i)
{
	size_t length;

	/* Scripts before Hebrew, which begins with D6, have capitals. */
	if (i >= s->n || (unsigned char)s->text[i] < 0xD6)
		return 0;
	switch (cut_chars_class(s, i, &length)) {
	case CHAR_CLASS_OTHER:
		return (unsigned char)s->text[i] != 0xE2; /* dashes */
	case CHAR_CLASS_WIDE:
	case CHAR_CLASS_WIDE_CLOSE:
	case CHAR_CLASS_COMPLEX:
	case CHAR_CLASS_LEADING:
	case CHAR_CLASS_SYLLABLE:
		return 1;
	default:
		return 0;
	}
}

/* Whether the text before i ends with a closing quote. */
static int
ends_quote(const struct cut_chars *s, size_t i)
{
	static const char *const quotes[] = {"\"", "'", "\xC2\xBB",
	    "\xE2\x80\x99", "\xE2\x80\x9D", "\xE3\x80\x8D", "\xE3\x80\x8F"};

	for (size_t k = 0; k < sizeof(quotes) / sizeof(*quotes); k++) {
		size_t n = strlen(quotes[k]);

		if (i >= n && memcmp(s->text + i - n, quotes[k], n) == 0)
			return 1;
	}
	return 0;
}

/*
 * Whether the sentence goes on at next, behind a mark at i. The mark and the
 * quotes and brackets that close there end at k. A sentence goes on with a
 * lower-case letter, also behind a dash. In scripts without capitals it goes on
 * behind a quote, because the speaker is often named there, and behind dots.
 */
static int
goes_on(const struct cut_chars *s, size_t i, size_t k, size_t next)
{
	static const char dash[] = "\xE2\x80\x94"; /* or an en dash */

	if (next + 3 < s->n && memcmp(s->text + next, dash, 2) == 0 &&
	    (s->text[next + 2] & 0xFE) == (dash[2] & 0xFE))
		next = cut_chars_skip_spaces(s, next + 3);
	if (starts_lower(s, next))
		return 1;
	return starts_caseless(s, next) &&
	       (ends_quote(s, k) || strncmp(s->text + i, "..", 2) == 0 ||
		   strncmp(s->text + i, "\xE2\x80\xA6", 3) == 0);
}

/*
 * The offset behind a quote that closes at k, behind a stop: a quote that opens
 * in other languages, as the German one does, or has a space before it, as the
 * French one. Else k.
 */
static size_t
skip_quotes(const struct cut_chars *s, size_t k)
{
	size_t i, end;

	i = cut_chars_skip_spaces(s, k);
	if (i == k && s->n - k > 2 && memcmp(s->text + k, "\xC2\xA0", 2) == 0)
		i += 2;
	if (i > k && s->n - i >= 2 && memcmp(s->text + i, "\xC2\xBB", 2) == 0)
		end = i + 2;
	else if (i == k && s->n - i >= 3 &&
		 (memcmp(s->text + i, "\xE2\x80\x9C", 3) == 0 ||
		     memcmp(s->text + i, "\xE2\x80\x98", 3) == 0))
		end = i + 3;
	else
		return k;
	/* A quote that opens has no space behind it. */
	i = cut_chars_skip_class(s, end, CHAR_CLASS_CLOSE);
	return i == s->n || cut_chars_skip_spaces(s, i) > i ||
		       s->text[i] == ',' || s->text[i] == '.'
		   ? i
		   : k;
}

size_t
sentence_end(
    const struct cut_chars *s, size_t i, enum cut_level *level, size_t *behind)
{
	enum char_class class = CHAR_CLASS_STOP, after;
	size_t k = i, length, next;
	int closed = 0;

	for (;; k += length) {
		after = cut_chars_class(s, k, &length);
		if (after == CHAR_CLASS_CLOSE) {
			closed = 1;
		} else if (cut_chars_is_mark(after)) {
			continue;
		} else if (!cut_chars_is_stop(after) ||
			   (closed && class == CHAR_CLASS_END)) {
			break;
		} else if (closed) {
			/* The stops before have no space behind them. */
			i = k;
			class = after;
			closed = 0;
		} else if (after == CHAR_CLASS_END) {
			class = CHAR_CLASS_END;
		}
	}
	*behind = k = skip_quotes(s, k);
	next = cut_chars_skip_spaces(s, k);
	*level = goes_on(s, i, k, next) ? CUT_STOP : CUT_SENTENCE;
	if (class == CHAR_CLASS_END)
		return next;
	if (next == k || (s->text[i] == '.' && is_abbreviation(s, i)))
		return 0;
	if (s->text[i] == '.' && may_abbreviate(s, i, next))
		*level = CUT_STOP;
	return next;
}

/*
 * The level of a cut at start. Spaces are between end and start, and a word of
 * Thai or Lao is at i; if start is before i, a quote or bracket opens the word.
 * Behind a word of Thai or Lao the spaces end a sentence; behind other text
 * they may end only a clause.
 */
static enum cut_level
thai_level(const struct cut_chars *s, size_t end, size_t start, size_t i)
{
	/* The word "that", before a quote. */
	static const char that[] = "\xE0\xB8\xA7\xE0\xB9\x88\xE0\xB8\xB2";
	enum char_class before = cut_chars_class_before(s, end);
	int own = end >= 3 && is_thai(s, end - 3) &&
		  (before == CHAR_CLASS_COMPLEX || before == CHAR_CLASS_EXTEND);
	int closed = strchr("\")]", s->text[end - 1]) != NULL;

	if (start == i)
		return own				   ? CUT_SENTENCE
		       : closed && s->text[end - 1] != '"' ? CUT_STOP
							   : CUT_CLAUSE;
	if (closed && end >= 4 && is_thai(s, end - 4))
		return CUT_SENTENCE;
	return own && s->text[start] == '"' &&
		       (end < 9 || memcmp(s->text + end - 9, that, 9) != 0)
		   ? CUT_STOP
		   : CUT_WORD;
}

size_t
sentence_thai_start(
    const struct cut_chars *s, size_t from, size_t i, enum cut_level *level)
{
	size_t start = i, end;

	if (i > from && strchr("\"([", s->text[i - 1]) != NULL)
		start--;
	for (end = start; end > from && s->text[end - 1] == ' ';)
		end--;
	if (end == start || end == from || !is_thai(s, i))
		return 0;
	*level = thai_level(s, end, start, i);
	return *level < CUT_WORD ? start : 0;
}
