/* piece: the pieces of a text, what is cut where, and that nothing is lost */
#include "chunk/piece.h"

#include <stdlib.h>
#include <string.h>

#include "chunk_text.h"
#include "tap.h"

/* The pieces of a text with a bar behind each, and the cuts in front of them.
 */
static const struct {
	const char *name;
	uint32_t limit;
	const char *text, *pieces;
	enum chunk_cut cuts[6];
} cases[] = {
    {"nothing", 20, "", "", {0}},
    {"white space", 20, " \n\t\n", "", {0}},
    {"blocks", 40, "one one\n\ntwo two\n", "one one|two two|",
	{CHUNK_BLOCK, CHUNK_BLOCK}},
    {"small blocks are merged", 160, "one\n\ntwo\n", "one\n\ntwo|",
	{CHUNK_BLOCK}},
    {"a heading, and what is glued to it", 20, "aaaa\n\n# b\n\ncccc\n",
	"aaaa|# b|cccc|", {CHUNK_BLOCK, CHUNK_HEADING, CHUNK_GLUED}},
    {"a byte order mark is in none", 20, "\xEF\xBB\xBF# b\n\ncccc\n",
	"# b|cccc|", {CHUNK_HEADING, CHUNK_GLUED}},
    {"what is told of", 20, "aaaa:\n\n> bbbb\n", "aaaa:|> bbbb|",
	{CHUNK_BLOCK, CHUNK_TOLD}},
    {"items", 20, "aaaa\n\n- bbbb\n\n  cccc\n- dddd\n",
	"aaaa|- bbbb|  cccc|- dddd|",
	{CHUNK_BLOCK, CHUNK_BLOCK, CHUNK_IN_ITEM, CHUNK_ITEM}},
    {"behind code", 20, "```\naaaa\n```\n\nbbbb\n", "```\naaaa\n```|bbbb|",
	{CHUNK_BLOCK, CHUNK_BEHIND_CODE}},
    {"sentences of a paragraph over the limit", 20,
	"Aaaaa bbbbb. Ccccc ddddd. Eeeee.\n",
	"Aaaaa bbbbb.|Ccccc ddddd.|Eeeee.|",
	{CHUNK_BLOCK, CHUNK_SENTENCE, CHUNK_SENTENCE}},
    {"words of a long sentence", 10, "aaaa bbbb cccc dddd\n",
	"aaaa|bbbb|cccc|dddd|",
	{CHUNK_BLOCK, CHUNK_WORD, CHUNK_WORD, CHUNK_WORD}},
    {"rows of a table", 20, "|a|b|\n|-|-|\n|1|222|\n|3|444|\n",
	"|a|b|\n|-|-|\n|1|222|||3|444||", {CHUNK_BLOCK, CHUNK_ROW}},
};

static void
test_cases(struct pieces *p)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf got = {0};
		int cuts = 1;

		p->limit = cases[i].limit;
		piece_read(p, cases[i].text, strlen(cases[i].text), "", 0);
		for (size_t k = 0; k < p->count; k++) {
			const struct piece *piece = &p->list[k];

			buf_add(&got, p->text + piece->start,
			    piece->end - piece->start);
			buf_putc(&got, '|');
			cuts &= piece->cut == cases[i].cuts[k];
			if (piece->cut != cases[i].cuts[k])
				printf("# cut %zu: %d\n", k, piece->cut);
		}
		buf_putc(&got, '\0');
		tap(strcmp(got.data, cases[i].pieces) == 0 && cuts, "%s: %s",
		    cases[i].name, got.data);
		buf_free(&got);
	}
}

/* What belongs to a piece beside its text. */
static void
test_members(struct pieces *p)
{
	static const char text[] =
	    "# A\n\naaaa \xC3\xA4\n\n## "
	    "B\n\n|a|\n|-|\n|1111111111|\n|2222222222|\n";
	struct outline_context c;

	p->limit = 24;
	piece_read(p, text, sizeof(text) - 1, "", 0);
	tap(p->count == 6, "six pieces: %zu", p->count);
	tap(p->list[0].own && p->list[0].heading == 1 && !p->list[1].own &&
		p->list[1].heading == 1 && p->list[2].own &&
		p->list[2].heading == 2 && p->list[3].heading == 2,
	    "each has its heading, the first of it begins with it");
	tap(p->list[1].from == 5 && p->list[1].to == 11,
	    "sizes are characters");
	tap(!p->list[3].continues && p->list[4].continues &&
		p->list[5].continues,
	    "the table goes on in the last two");
	c = piece_list_context(p, 5);
	tap(c.heading == 2 && !c.own && c.header.n == 7 &&
		memcmp(c.header.s, "|a|\n|-|", 7) == 0,
	    "whose context has the header");
	tap(piece_list_context(p, 3).header.n == 0, "the first part has it");
	tap(piece_list_context(p, 2).own,
	    "a heading is not in its own context");
	p->plain = 1;
	piece_read(p, "# A\n", 4, "", 0);
	tap(p->count == 1 && p->list[0].heading == 0 && !p->list[0].own,
	    "plain text has no headings");
	p->plain = 0;
}

/* Whether text[from, to) is white space, or a byte order mark in front. */
static int
is_nothing(const char *text, size_t from, size_t to)
{
	if (from == 0 && to >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		from = 3;
	return check_white(text + from, to - from);
}

/* The invariant of piece.h for texts of anything, at several limits. */
static void
test_invariant(struct pieces *p)
{
	static const uint32_t limits[] = {4, 7, 16, 50, 200};
	size_t lost = 0, bad = 0, over = 0, pieces = 0;
	uint32_t random = 1;
	uint8_t bytes[200];

	for (int round = 0; round < 300; round++) {
		struct buf text = {0};
		size_t at = 0;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			random = random * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(random >> 24);
		}
		chunk_text_of(&text, bytes, sizeof(bytes));
		p->limit = limits[round % 5];
		piece_read(p, text.data, text.len, "T", 1);
		for (size_t i = 0; i < p->count; i++) {
			const struct piece *piece = &p->list[i];

			bad += piece->start < at || piece->end <= piece->start;
			lost += !is_nothing(text.data, at, piece->start);
			over += utf8_count(text.data + piece->start,
				    piece->end - piece->start) > p->limit;
			bad += piece->to - piece->from !=
			       utf8_count(text.data + piece->start,
				   piece->end - piece->start);
			at = piece->end;
		}
		lost += !is_nothing(text.data, at, text.len);
		pieces += p->count;
		buf_free(&text);
	}
	tap(pieces > 10000, "%zu pieces", pieces);
	tap(bad == 0, "in order, not empty, of their size: %zu not", bad);
	tap(lost == 0, "nothing is lost: %zu", lost);
	tap(over == 0, "none is over the limit: %zu", over);
}

int
main(void)
{
	struct pieces p = {.at.unit = MEASURE_CHARS, .least = 1};

	test_cases(&p);
	test_members(&p);
	test_invariant(&p);
	piece_free(&p);
	return tap_done();
}
