/* sentence: whether a stop ends a sentence, and where the next one starts */
#include "text/sentence.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { NONE = -1 };

/*
 * Of the text, stop is the offset of the mark; next is what must be there, and
 * behind where to look on, as a distance from the mark.
 */
static const struct {
	const char *name, *text, *stop, *next;
	int level; /* or NONE: no sentence ends there */
	size_t behind;
} cases[] = {
    {"a full stop", "Come in. Sit down.", ". S", "Sit", CUT_SENTENCE, 1},
    {"at the end", "Sit down.", ".", "", NONE, 1},
    {"without a space", "pl.h is read", ".h", NULL, NONE, 1},
    {"before a small letter", "What? no way", "? n", "no", CUT_STOP, 1},
    {"several marks", "No?! Yes", "?!", "Yes", CUT_SENTENCE, 2},
    {"with its closing quote", "\"Go.\" Yes", ".\"", "Yes", CUT_SENTENCE, 2},
    {"an abbreviation", "See Dr. Smith", ". S", NULL, NONE, 1},
    {"an initial", "by J. Doe", ". D", NULL, NONE, 1},
    {"the word I", "So do I. He too", ". H", "He", CUT_SENTENCE, 1},
    {"letters with dots", "z.B. Otto", ". O", NULL, NONE, 1},
    {"an ordinal", "Am 3. Mai", ". M", "Mai", CUT_STOP, 1},
    {"a year", "in 1999. Then", ". T", "Then", CUT_SENTENCE, 1},
    {"a list's number", "1. One", ". O", NULL, NONE, 1},
    {"a short word before a number", "in Nrn. 4 da", ". 4", "4", CUT_STOP, 1},
    {"a unit", "It was 9 g. Then", ". T", "Then", CUT_STOP, 1},
    {"a dash, then a small letter", "Go! \xE2\x80\x94 he said", "!",
	"\xE2\x80\x94 he", CUT_STOP, 1},
    {"Russian, a small letter", "\xD0\x94\xD0\xB0! \xD1\x81\xD0\xBA\xD0\xB0",
	"!", "\xD1\x81\xD0\xBA\xD0\xB0", CUT_STOP, 1},
    {"Chinese, no space", "\xE6\x9D\xA5\xE3\x80\x82\xE4\xBD\xA0",
	"\xE3\x80\x82", "\xE4\xBD\xA0", CUT_SENTENCE, 3},
    {"with its closing bracket",
	"\xE6\x9D\xA5\xE3\x80\x82\xE3\x80\x8D \xE4\xBD\xA0", "\xE3\x80\x82",
	"\xE4\xBD\xA0", CUT_STOP, 6},
    {"Hindi", "\xE0\xA4\x95\xE0\xA4\xAE\xE0\xA5\xA4 \xE0\xA4\x95",
	"\xE0\xA5\xA4", "\xE0\xA4\x95", CUT_SENTENCE, 3},
    {"a German quote", "\xE2\x80\x9EKomm!\xE2\x80\x9C Dann", "!", "Dann",
	CUT_SENTENCE, 4},
    {"a French quote", "\xC2\xAB Ici. \xC2\xBB Il", ". \xC2", "Il",
	CUT_SENTENCE, 4},
    {"over a line end", "One.\nTwo", ".\n", "Two", CUT_SENTENCE, 1},
};

static void
test_ends(struct char_class_table *table)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = cases[i].text;
		struct cut_chars s = {table, text, strlen(text)};
		size_t at = (size_t)(strstr(text, cases[i].stop) - text);
		enum cut_level level = CUT_LEVELS;
		size_t behind = 0, next = sentence_end(&s, at, &level, &behind);
		int good = behind == at + cases[i].behind;

		if (cases[i].level == NONE)
			good &= next == 0 || next == s.n;
		else
			good &= level == (enum cut_level)cases[i].level &&
				strncmp(text + next, cases[i].next,
				    strlen(cases[i].next)) == 0;
		tap(good, "%s: next %zu, level %d, behind %zu", cases[i].name,
		    next, (int)level, behind);
	}
}

/* "kon", and a Thai word behind spaces. */
#define KON "\xE0\xB8\x81\xE0\xB8\x99"

static const struct {
	const char *name, *text;
	size_t from, at, start;
	enum cut_level level;
} thai[] = {
    {"a space between Thai words", KON " " KON, 0, 7, 7, CUT_SENTENCE},
    {"several", KON "  " KON, 0, 8, 8, CUT_SENTENCE},
    {"none", KON KON, 0, 6, 0, CUT_LEVELS},
    {"not in front of where it begins", KON " " KON, 6, 7, 0, CUT_LEVELS},
    {"behind a Latin word", "abc " KON, 0, 4, 4, CUT_CLAUSE},
    {"behind a bracket", "(abc) " KON, 0, 6, 6, CUT_STOP},
    {"a quote goes with the word", KON " \"" KON "\"", 0, 8, 7, CUT_STOP},
    {"a Latin word is none of it", KON " abc", 0, 7, 0, CUT_LEVELS},
};

static void
test_thai(struct char_class_table *table)
{
	for (size_t i = 0; i < sizeof(thai) / sizeof(*thai); i++) {
		struct cut_chars s = {
		    table, thai[i].text, strlen(thai[i].text)};
		enum cut_level level = CUT_LEVELS;
		size_t start =
		    sentence_thai_start(&s, thai[i].from, thai[i].at, &level);

		tap(start == thai[i].start &&
			(start == 0 || level == thai[i].level),
		    "Thai, %s: %zu, level %d", thai[i].name, start, (int)level);
	}
}

int
main(void)
{
	struct char_class_table *table = malloc(sizeof(*table));

	char_class_fill(table);
	test_ends(table);
	test_thai(table);
	free(table);
	return tap_done();
}
