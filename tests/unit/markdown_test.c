/* markdown: the blocks of small documents, written as "kind start-end" lines */
#include "text/markdown.h"
#include "text/markdown_heading.h"

#include <string.h>

#include "base/buf.h"
#include "tap.h"

static const char *const kinds[] = {"paragraph", "heading", "fence", "code",
    "table", "html", "rule", "front", "directive", "marker"};

/* Blocks are written as kind, level, depth, item where not 0, and lines. */
static const struct {
	const char *name, *text, *blocks;
} cases[] = {
    {"nothing", "", ""},
    {"blank lines", "\n \n\t\n", ""},
    {"paragraphs", "a\nb\n\nc", "paragraph 1-2; paragraph 4-4; "},
    {"ATX", "# a\n## b ##\n#c\n####### d",
	"heading1 1-1; heading2 2-2; paragraph 3-4; "},
    {"setext", "a\nb\n===\nc\n---\n", "heading1 1-3; heading2 4-5; "},
    {"rule or setext", "---\n\na\n***\n",
	"rule 1-1; paragraph 3-3; rule 4-4; "},
    {"fence", "```c\n# x\n\n```\nz", "fence 1-4; paragraph 5-5; "},
    {"longer fence", "````\n```\n````\n", "fence 1-3; "},
    {"tilde", "~~~\n```\n~~~\n", "fence 1-3; "},
    {"unclosed fence", "```\n# a\n\nb\n\n", "fence 1-4; "},
    {"what a fence is made of, in it", "```\na `b`\n  `c`\n```\nd",
	"fence 1-4; paragraph 5-5; "},
    {"an indented end", "```\na\n  ```\nb", "fence 1-3; paragraph 4-4; "},
    {"blank lines at the end of a fence", "```\r\na\r\n \r\n\r\n",
	"fence 1-2; "},
    {"backtick in the info string", "``` a`b\nc", "paragraph 1-2; "},
    {"indented code", "    a\n\n    b\n\nc", "code 1-3; paragraph 5-5; "},
    {"no code in a paragraph", "a\n    b", "paragraph 1-2; "},
    {"table", "a | b\n--|--\n1 | 2\n\nx", "table 1-3; paragraph 5-5; "},
    {"table behind text", "x\na | b\n--|--\n1 | 2",
	"paragraph 1-1; table 2-4; "},
    {"escaped pipe", "a \\| b\n--|--\n", "paragraph 1-2; "},
    {"too few cells", "a\n--|--\n", "paragraph 1-2; "},
    {"table of one column", "| a |\n|---|\n| 1 |", "table 1-3; "},
    {"no table of no column", "|\n-|", "paragraph 1-2; "},
    {"table of one column, by its colon", "a\n:-\n1", "table 1-3; "},
    {"table in items of items", "1. - > | a | b |\n     > |---|---|\n",
	"table.3*1 1-2; "},
    {"HTML", "<div>\n# a\n</div>\n\n# b", "html 1-3; heading1 5-5; "},
    {"HTML comment", "<!-- a\n\n# b -->\nc", "html 1-3; paragraph 4-4; "},
    {"pre", "<pre>\n\n# a</pre>\nb", "html 1-3; paragraph 4-4; "},
    {"a lone tag", "<Foo bar=\"x\">\ny\n\nz", "html 1-2; paragraph 4-4; "},
    {"a tag in a paragraph", "a\n<Foo>\nb", "paragraph 1-3; "},
    {"front matter", "---\na: b\n\n# c\n---\nd", "front 1-5; paragraph 6-6; "},
    {"front matter behind a byte order mark", "\xEF\xBB\xBF---\na: b\n---\nd",
	"front 1-3; paragraph 4-4; "},
    {"TOML", "+++\na = 1\n+++\n", "front 1-3; "},
    {"a rule, not front matter", "---\n\na\n---\n", "rule 1-1; heading2 3-4; "},
    {"list", "- a\n- b\n\n  c\n",
	"paragraph.1*1 1-1; paragraph.1*1 2-2; paragraph.1 4-4; "},
    {"items by any bullet", "* [a](b)\n+ `c`\n- **d**\n",
	"paragraph.1*1 1-1; paragraph.1*1 2-2; paragraph.1*1 3-3; "},
    {"items behind items of items", "- a\n  > - b\n- c\n",
	"paragraph.1*1 1-1; paragraph.3*3 2-2; paragraph.1*1 3-3; "},
    {"an item behind a quote", "> a\n- b",
	"paragraph.1 1-1; paragraph.1*1 2-2; "},
    {"a rule behind an item", "- a\n- - -\n", "paragraph.1*1 1-1; rule 2-2; "},
    {"a footnote in an item", "- [^1]: a\n", "paragraph.2*1 1-1; "},
    {"no item in a fence", "```\n- a\n```\n", "fence 1-3; "},
    {"nested list", "- a\n  - b\n", "paragraph.1*1 1-1; paragraph.2*2 2-2; "},
    {"two items on a line", "- - a\n", "paragraph.2*1 1-1; "},
    {"fence in an item", "1. a\n   ```\n   # x\n   ```\n   b",
	"paragraph.1*1 1-1; fence.1 2-4; paragraph.1 5-5; "},
    {"an item ends its fence", "- ```\n  a\nb\n",
	"fence.1*1 1-2; paragraph 3-3; "},
    {"no list in a paragraph", "a\n2. b\n-\n", "heading2 1-3; "},
    {"a list in a paragraph", "a\n1. b\n",
	"paragraph 1-1; paragraph.1*1 2-2; "},
    {"an empty item", "-\n  a\n", "marker.1*1 1-1; paragraph.1 2-2; "},
    {"an empty quote", ">\n> a\n>\n", "marker.1 1-1; paragraph.1 2-2; "},
    {"quote", "> a\nb\n\nc", "paragraph.1 1-2; paragraph 4-4; "},
    {"fence in a quote", "> ```\n> a\n> ```\n", "fence.1 1-3; "},
    {"the end of a quote ends its fence", "> ```\na\n",
	"fence.1 1-1; paragraph 2-2; "},
    {"footnote", "[^1]: a\n\n    b\n", "paragraph.1*1 1-1; paragraph.1 3-3; "},
    {"footnote far behind its label", "[^1]:      a\n\n        b\n",
	"paragraph.1*1 1-1; code.1 3-3; "},
    {"directive", "::: note\na\n:::\n",
	"directive 1-1; paragraph 2-2; directive 3-3; "},
    {"CRLF", "# a\r\n\r\nb\r\n", "heading1 1-1; paragraph 3-3; "},
    {"tabs", "-\ta\n\n\tb\n\n\t\tc\n",
	"paragraph.1*1 1-1; paragraph.1 3-3; code.1 5-5; "},
};

static const struct {
	const char *text, *words;
} headings[] = {
    {"# A  b", "A b"},
    {"## A ##", "A"},
    {"# C#", "C#"},
    {"# a =-", "a =-"},
    {"#", ""},
    {"# Use [the *tool*](http://x/y) {#use}", "Use the tool"},
    {"# <a name=\"x\"></a>A", "A"},
    {"A\nb\n===", "A b"},
    {"# `a_b` ![logo](x.png)", "`a_b` logo"},
};

static unsigned
line_of(const char *text, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

static void
describe(struct buf *out, const char *text, const struct markdown *md)
{
	for (size_t i = 0; i < md->count; i++) {
		const struct markdown_block *b = &md->blocks[i];

		buf_puts(out, kinds[b->kind]);
		if (b->level > 0)
			buf_printf(out, "%u", b->level);
		if (b->depth > 0)
			buf_printf(out, ".%u", b->depth);
		if (b->item > 0)
			buf_printf(out, "*%u", b->item);
		buf_printf(out, " %u-%u; ", line_of(text, b->start),
		    line_of(text, b->end));
	}
}

/* A fence with more lines than one search finds. */
static void
test_long_fence(struct markdown *md)
{
	struct buf text = {0}, blocks = {0};

	buf_puts(&text, "```\n");
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, i % 7 == 0 ? "- `a`\n" : "x = 1\n");
	buf_puts(&text, "```\nb\n");
	markdown_scan(md, text.data, text.len);
	describe(&blocks, text.data, md);
	tap(strcmp(blocks.data, "fence 1-1002; paragraph 1003-1003; ") == 0,
	    "a long fence");
	buf_free(&text);
	buf_free(&blocks);
}

int
main(void)
{
	struct markdown md = {0};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buf_reset(&b, 4096);
		buf_puts(&b, "");
		markdown_scan(&md, cases[i].text, strlen(cases[i].text));
		describe(&b, cases[i].text, &md);
		if (!tap(strcmp(b.data, cases[i].blocks) == 0, "%s",
			cases[i].name))
			printf(
			    "# got  %s\n# want %s\n", b.data, cases[i].blocks);
	}
	for (size_t i = 0; i < sizeof(headings) / sizeof(*headings); i++) {
		buf_reset(&b, 4096);
		buf_puts(&b, "");
		markdown_scan(&md, headings[i].text, strlen(headings[i].text));
		markdown_heading_text(&b, headings[i].text, &md.blocks[0]);
		if (!tap(strcmp(b.data, headings[i].words) == 0,
			"words of heading %zu", i))
			printf("# got %s\n", b.data);
	}
	test_long_fence(&md);
	markdown_free(&md);
	buf_free(&b);
	return tap_done();
}
