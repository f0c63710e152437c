/*
 * chunk: properties of every text's chunks, and the places of cuts
 */
#include "chunk/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "chunk_check.h"
#include "tap.h"
#include "token_vocabulary.h"

/* The chunks of a text, "|" between them; lines of a fence kept. */
static const struct {
	const char *name;
	size_t max, target;
	const char *text, *chunks;
} cases[] = {
    {"nothing", 10, 0, "", ""},
    {"white space", 10, 0, " \n\t\n", ""},
    {"one block", 40, 0, "hello\n", "hello"},
    {"small blocks together", 40, 40, "one\n\ntwo\n", "one\n\ntwo"},
    {"a heading goes with what follows", 24, 24,
	"aaaaa aaaaa aaaaa\n\n# b\n\nccccc ccccc\n",
	"aaaaa aaaaa aaaaa|# b\n\nccccc ccccc"},
    {"what is told of stays with what tells of it", 40, 24,
	"aaaaa aaaaa aaaaa\n\nbbbbb bbbbb:\n\n```\nccccc ccccc\n```\n",
	"aaaaa aaaaa aaaaa|bbbbb bbbbb:\n\n```\nccccc ccccc\n```"},
    {"but an item does not tell of the next", 24, 24,
	"- aaaaa aaaaa:\n\n- bbbbb bbbbb:\n\n- ccccc\n",
	"- aaaaa aaaaa:|- bbbbb bbbbb:\n\n- ccccc"},
    {"behind code rather than between paragraphs", 28, 28,
	"aaaaaaaa\n\n```\nb\n```\n\ncccc\n\ndddddddd\n\neeeeeeee\n",
	"aaaaaaaa\n\n```\nb\n```|cccc\n\ndddddddd\n\neeeeeeee"},
    {"a fence that fits stays whole", 24, 12,
	"aaaa\n\n```\nb\n\nc\n\nd\n\ne\n```\n\nffff\n",
	"aaaa\n\n```\nb\n\nc\n\nd\n\ne\n```|ffff"},
    {"a fence over the limit is cut at blank lines", 24, 24,
	"```\nbbbbbbbb\nb\n\ncccccccc\nc\n\nddd\n```\n",
	"```\nbbbbbbbb\nb|cccccccc\nc\n\nddd\n```"},
    {"a table over the limit is cut between rows", 40, 40,
	"|a|b|\n|-|-|\n|1|2222222222|\n|3|4444444444|\n|5|6666666666|\n",
	"|a|b|\n|-|-|\n|1|2222222222|||3|4444444444|\n|5|6666666666|"},
    {"sentences", 30, 30, "One sentence here. Two more here. Three here.",
	"One sentence here.|Two more here. Three here."},
    {"abbreviations end no sentence", 30, 30,
	"See Dr. Smith now. He is e.g. Here today. Fine.",
	"See Dr. Smith now.|He is e.g. Here today. Fine."},
    {"Chinese sentences", 12, 12,
	"\xE6\x88\x91\xE6\x9D\xA5\xE4\xBA\x86\xE3\x80\x82"
	"\xE4\xBD\xA0\xE7\x9C\x8B\xE8\xA7\x81\xE5\x90\x97\xEF\xBC\x9F"
	"\xE4\xBB\x96\xE8\xB5\xB0\xE4\xBA\x86\xE3\x80\x82"
	"\xE5\xA5\xBD\xE3\x80\x82",
	"\xE6\x88\x91\xE6\x9D\xA5\xE4\xBA\x86\xE3\x80\x82"
	"\xE4\xBD\xA0\xE7\x9C\x8B\xE8\xA7\x81\xE5\x90\x97\xEF\xBC\x9F|"
	"\xE4\xBB\x96\xE8\xB5\xB0\xE4\xBA\x86\xE3\x80\x82"
	"\xE5\xA5\xBD\xE3\x80\x82"},
    {"a byte order mark hides no heading", 24, 24,
	"\xEF\xBB\xBF# a\n\nbbbbb bbbbb bbbbb\n\n# c\n\nd\n",
	"# a\n\nbbbbb bbbbb bbbbb|# c\n\nd"},
    {"items of a list in text", 24, 24,
	"aaaa aaaa aaaa\n    - bbbb, bbbb, bbbb\n    - cccc\n    10) dddd dd",
	"aaaa aaaa aaaa|- bbbb, bbbb, bbbb|- cccc\n    10) dddd dd"},
    {"a stop before a small letter is better than none", 24, 24,
	"aaaa aaaa aaaa? bbbb bbbb bbbb bbbb",
	"aaaa aaaa aaaa?|bbbb bbbb bbbb bbbb"},
    {"numbers and short words before numbers end no sentence", 24, 24,
	"Am 3. Mai in Kap. 4 da. Am 12. Juni nicht.",
	"Am 3. Mai in Kap. 4 da.|Am 12. Juni nicht."},
    {"but are better than a comma", 18, 18, "Aaa bb, cc in 12. Dd, eee ff gg.",
	"Aaa bb, cc in 12.|Dd, eee ff gg."},
    {"a version at the end of a sentence", 22, 22,
	"Take version 2.10.2. Then wait a bit.",
	"Take version 2.10.2.|Then wait a bit."},
    {"a unit at the end of a sentence", 16, 16, "It was 16,9 g. Then we left.",
	"It was 16,9 g.|Then we left."},
    {"German quotes end sentences", 22, 22,
	"Er rief: „Komm!“ Dann ging er fort.",
	"Er rief: „Komm!“|Dann ging er fort."},
    {"French quotes stay with what they close", 24, 24,
	"« Où es-tu ? » dit-elle. « Ici. » Il vint alors.",
	"« Où es-tu ? » dit-elle.|« Ici. » Il vint alors."},
    {"who said it is part of the sentence", 15, 15,
	"「どこへ行く？」と兄は聞いた。家へ帰る。",
	"「どこへ行く？」と兄は聞いた。|家へ帰る。"},
    {"Russian quotes with a dash behind", 24, 24,
	"«Где?» — спросил он. Никто не знал этого.",
	"«Где?» — спросил он.|Никто не знал этого."},
    {"Hindi abbreviations", 20, 20, "वह डॉ. राव हैं। वे कि.मी. नापते हैं।",
	"वह डॉ. राव हैं।|वे कि.मी. नापते हैं।"},
    {"dots in a sentence without capitals", 14, 14,
	"몰랐다... 아무도. 그는 갔다.", "몰랐다... 아무도.|그는 갔다."},
    {"Thai words part sentences, numbers do not", 16, 16,
	"มีไข่ 12 ฟอง เขากลับไปบ้าน", "มีไข่ 12 ฟอง|เขากลับไปบ้าน"},
    {"Thai quotes one after another", 14, 14, "\"ไม่มี\" \"เขามา 12 วัน\"",
	"\"ไม่มี\"|\"เขามา 12 วัน\""},
    {"Thai abbreviations", 24, 24, "พบ ดร. วิชัย เวลา 18.30 น. ที่บ้าน",
	"พบ ดร. วิชัย|เวลา 18.30 น. ที่บ้าน"},
    {"a word over the limit", 5, 5, "abcdefgh", "abcd|efgh"},
    {"a family is one character", 6, 6,
	"abc\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\xE2\x80\x8D"
	"\xF0\x9F\x91\xA6",
	"abc|\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\xE2\x80\x8D"
	"\xF0\x9F\x91\xA6"},
};

static const char *const texts[] = {
    "# A\n\ntext\n\n## B\n\n- x\n- y\n\n```\ncode\n```\n",
    "> quote\n>\n> more\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
    "\xE0\xB8\xAA\xE0\xB8\xA7\xE0\xB8\xB1\xE0\xB8\xAA\xE0\xB8\x94\xE0\xB8\xB5",
    "# Heading after heading\n## Two\n### Three\n#### Four\n",
    "# A heading that is much longer than the limit of the chunk it is in\n\nx",
    "a `code span` [link](http://example.com/a) <b>tag</b> $x + y$ end. Next.",
    "\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7 flags",
    "line one\r\nline two\r\n\r\n* item\r\n* item\r\n",
    "```\nnever closed\n\n\n# not a heading\n",
    "[[[[[[[[[[[[[[[[[[[[ `` ` ``` <a <b $$$ ]]]]](((((((\n",
};

static void
check_cuts(size_t i)
{
	struct chunk_options o = {.unit = CHUNK_CHARS,
	    .max = cases[i].max,
	    .target = cases[i].target};
	struct chunker *c = chunk_new(&o);
	const char *text = cases[i].text;
	struct buf b = {0};
	size_t n = chunk_split(c, text, strlen(text), NULL, 0);

	buf_puts(&b, "");
	for (size_t k = 0; k < n; k++) {
		const struct chunk *chunk = chunk_get(c, k);

		buf_puts(&b, k > 0 ? "|" : "");
		buf_add(&b, text + chunk->start, chunk->end - chunk->start);
	}
	if (!tap(strcmp(b.data, cases[i].chunks) == 0, "%s", cases[i].name))
		printf("# got  %s\n# want %s\n", b.data, cases[i].chunks);
	buf_free(&b);
	chunk_free(c);
}

static void
check_invariants(size_t i, size_t max)
{
	const char *text = texts[i];
	const char *wrong = NULL;

	for (int k = 0; k < 8 && wrong == NULL; k++) {
		struct chunk_options o = {
		    .unit = k & 1 ? CHUNK_CHARS : CHUNK_BYTES,
		    .max = max,
		    .target = k & 2 ? max : 0,
		    .overlap = k & 2 ? 0 : max / 4,
		    .plain = k & 4};
		struct chunker *c = chunk_new(&o);

		wrong = chunk_check(c, &o, text, strlen(text), "Title");
		chunk_free(c);
	}
	tap(wrong == NULL, "text %zu, max %zu: %s", i, max,
	    wrong ? wrong : "holds");
}

/* Documents of random pieces, with options that are random, too. */
static void
check_random(enum chunk_unit unit, const struct token_vocabulary *v)
{
	static const char *const units[] = {"bytes", "characters", "tokens"};
	const char *wrong = NULL;
	uint64_t state = 88172645463325252u;
	struct buf text = {0};
	int i;

	for (i = 0; i < 3000 && wrong == NULL; i++) {
		struct chunk_options o = {.unit = unit, .vocabulary = v};
		struct chunker *c;
		uint8_t bytes[160];

		for (size_t k = 0; k < sizeof(bytes); k++) {
			state ^= state << 13;
			state ^= state >> 7;
			state ^= state << 17;
			bytes[k] = (uint8_t)(state >> 32);
		}
		text.len = 0;
		chunk_text_of(&text, bytes + 8, bytes[0] % 150);
		buf_puts(&text, "");
		o.max = CHUNK_MAX_LEAST + bytes[1] % (bytes[2] & 1 ? 24 : 200);
		o.target = bytes[2] & 2 ? 1 + bytes[3] % o.max : 0;
		o.overlap = bytes[2] & 4 ? bytes[4] % (o.max / 2) : 0;
		o.plain = (bytes[2] & 24) == 0;
		c = chunk_new(&o);
		wrong = chunk_check(c, &o, text.data, text.len,
		    bytes[2] & 32 ? "A title" : NULL);
		if (wrong != NULL)
			printf("# max %zu target %zu overlap %zu plain %d\n"
			       "%s\n# end\n",
			    o.max, o.target, o.overlap, o.plain, text.data);
		chunk_free(c);
	}
	tap(wrong == NULL, "%d random documents in %s%s: %s", i, units[unit],
	    v ? " of a vocabulary" : "", wrong ? wrong : "hold");
	buf_free(&text);
}

static void
check_context(void)
{
	static const char text[] =
	    "# Guide\n\nintro\n\n## Use\n\n"
	    "| head |\n|------|\n"
	    "| aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa |\n"
	    "| bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb |\n"
	    "| ccccccccccccccccccccccccccccccccccccc |\n"
	    "| ddddddddddddddddddddddddddddddddddddd |\n"
	    "| eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee |\n";
	struct chunk_options o = {.unit = CHUNK_CHARS, .max = 160};
	struct chunker *c = chunk_new(&o);
	struct chunk_text path[CHUNK_LEVELS];
	struct buf b = {0};
	size_t n = chunk_split(c, text, strlen(text), "Title", 5), depth;

	tap(n > 1, "the table is cut");
	depth = chunk_path(c, n - 1, path);
	tap(depth == 2 && memcmp(path[0].s, "Guide", 5) == 0 &&
		memcmp(path[1].s, "Use", 3) == 0,
	    "the last chunk knows its headings");
	chunk_context(c, n - 1, &b);
	if (!tap(strcmp(b.data, "Title > Guide > Use\n| head |\n|------|") == 0,
		"and the header of its table"))
		printf("# got %s\n", b.data);
	chunk_free(c);
	buf_free(&b);
}

int
main(void)
{
	struct token_vocabulary *v = make_vocabulary(44);
	static const size_t sizes[] = {4, 5, 7, 11, 16, 33, 64, 100, 1600};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_cuts(i);
	check_context();
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++)
			check_invariants(i, sizes[k]);
	check_random(CHUNK_BYTES, NULL);
	check_random(CHUNK_CHARS, NULL);
	check_random(CHUNK_TOKENS, NULL);
	check_random(CHUNK_TOKENS, v);
	token_vocabulary_free(v);
	return tap_done();
}
