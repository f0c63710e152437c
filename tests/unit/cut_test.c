/* cut: the places of each level, and that many at once are as one by one */
#include "text/cut.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* The pieces of a text at a level stand between bars. */
static const struct {
	enum cut_level level;
	int markdown;
	const char *text, *pieces;
} cases[] = {
    {CUT_SENTENCE, 0, "One two. Three, four. Five",
	"One two. |Three, four. |Five"},
    {CUT_SENTENCE, 0, "What? it is. Yes", "What? it is. |Yes"},
    {CUT_STOP, 0, "What? it is. Yes", "What? |it is. |Yes"},
    {CUT_SENTENCE, 0, "a:\n- b\n- c", "a:\n|- b\n|- c"},
    {CUT_CLAUSE, 0, "One, two; three. Four", "One, |two; |three. |Four"},
    {CUT_CLAUSE, 0, "1,000 a", "1,000 a"},
    {CUT_WORD, 0, "One  two three", "One  |two |three"},
    {CUT_WORD, 0, "\xE6\xBC\xA2\xE5\xAD\x97\xE3\x80\x82\xE5\xAD\x97",
	"\xE6\xBC\xA2|\xE5\xAD\x97\xE3\x80\x82|\xE5\xAD\x97"},
    {CUT_WORD, 0, "\xEA\xB0\x80\xEB\x82\x98 \xEB\x8B\xA4",
	"\xEA\xB0\x80\xEB\x82\x98 |\xEB\x8B\xA4"},
    {CUT_WORD, 1, "a [b c](d e) f", "a |[b c](d e) |f"},
    {CUT_WORD, 0, "a [b c](d e) f", "a |[b |c](d |e) |f"},
    {CUT_INSIDE, 1, "a [b c](d e) f", "a |[b |c](d |e) |f"},
    {CUT_SENTENCE, 1, "`A. B` it. D", "`A. B` it. |D"},
    {CUT_CLUSTER, 0, "ab c", "a|b |c"},
    /* An accent, a family, a flag, a virama, a syllable in parts. */
    {CUT_CLUSTER, 0, "e\xCC\x81x", "e\xCC\x81|x"},
    {CUT_CLUSTER, 0, "\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9x",
	"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9|x"},
    {CUT_CLUSTER, 0,
	"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7",
	"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA|\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7"},
    {CUT_CLUSTER, 0, "\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7x",
	"\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7|x"},
    {CUT_CLUSTER, 0, "\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8x",
	"\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8|x"},
    {CUT_CLUSTER, 0, "a\r\nb", "a\r\n|b"},
    {CUT_CODE, 0, "e\xCC\x81 x", "e|\xCC\x81 |x"},
    {CUT_WORD, 0, "", ""},
};

static void
mark(struct cut *s, const char *text, size_t n, enum cut_level level, char *out)
{
	size_t from = 0;

	while (from < n) {
		size_t next = cut_next(s, from, level);

		if (from > 0)
			*out++ = '|';
		memcpy(out, text + from, next - from);
		out += next - from;
		from = next;
	}
	*out = '\0';
}

static void
test_levels(struct cut *s)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = cases[i].text;
		size_t n = strlen(text);
		char got[256];

		cut_start(s, text, n, cases[i].markdown);
		mark(s, text, n, cases[i].level, got);
		tap(strcmp(got, cases[i].pieces) == 0, "level %d: %s",
		    (int)cases[i].level, got);
		tap(cut_next(s, n, cases[i].level) == n,
		    "behind it is its end");
	}
}

static const char mixed[] =
    "One two. \"Three,\" she said; four [five six](seven eight)! `a b` "
    "\xE6\xBC\xA2\xE5\xAD\x97\xE3\x80\x82\xE5\xAD\x97 e\xCC\x81"
    "e "
    "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7  "
    "\xE0\xB8\x81\xE0\xB8\x99 \xE0\xB8\x81\xE0\xB8\x99\n- x\n- "
    "\xEA\xB0\x80\xEB\x82\x98 \xEB\x8B\xA4 What? no. "
    "Looooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooong";

/* Each level has all the places of the ones before it. */
static void
test_inclusion(struct cut *s)
{
	static char places[CUT_LEVELS][sizeof(mixed)];
	size_t n = sizeof(mixed) - 1, missing = 0, count[CUT_LEVELS] = {0};

	for (int level = 0; level < CUT_LEVELS; level++) {
		cut_start(s, mixed, n, 1);
		for (size_t at = 0; at < n; count[level]++) {
			at = cut_next(s, at, (enum cut_level)level);
			places[level][at] = 1;
		}
	}
	for (int level = 1; level < CUT_LEVELS; level++)
		for (size_t i = 0; i <= n; i++)
			missing += places[level - 1][i] && !places[level][i];
	tap(missing == 0, "a level has the places of those before: %zu not",
	    missing);
	tap(count[CUT_SENTENCE] < count[CUT_STOP] &&
		count[CUT_STOP] < count[CUT_CLAUSE] &&
		count[CUT_CLAUSE] < count[CUT_WORD] &&
		count[CUT_WORD] < count[CUT_INSIDE] &&
		count[CUT_INSIDE] < count[CUT_CLUSTER] &&
		count[CUT_CLUSTER] < count[CUT_CODE],
	    "and more: %zu %zu %zu %zu %zu %zu %zu", count[0], count[1],
	    count[2], count[3], count[4], count[5], count[6]);
}

/* As far as they go, which is to the first that is long, or ends at to. */
static void
test_pieces(struct cut *s)
{
	uint32_t ends[CUT_PIECES];
	size_t n = sizeof(mixed) - 1, wrong = 0, found = 0;

	for (int level = 0; level < CUT_LEVELS; level++)
		for (size_t to = 1; to <= n; to += 7) {
			size_t at = 0, count;

			cut_start(s, mixed, n, 1);
			while (at < to) {
				count = cut_pieces(
				    s, at, to, (enum cut_level)level, ends);
				wrong += count == 0 || count > CUT_PIECES;
				for (size_t i = 0; i < count; i++) {
					/* Not behind what was enough. */
					wrong += at >= to;
					at = cut_next(
					    s, at, (enum cut_level)level);
					wrong += ends[i] != at;
					found++;
				}
			}
		}
	tap(wrong == 0 && found > 1000, "%zu at once, of them %zu wrong", found,
	    wrong);
}

int
main(void)
{
	struct cut s = {0};

	test_levels(&s);
	test_inclusion(&s);
	test_pieces(&s);
	cut_free(&s);
	return tap_done();
}
