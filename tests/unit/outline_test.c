/* outline: the path to a heading, and the context that it gives */
#include "chunk/outline.h"

#include <string.h>

#include "chunk/measure.h"
#include "tap.h"
#include "text/markdown.h"

/* Give all headings of a text to the outline, each at its place. */
static void
read_text(struct outline *o, struct measure *m, struct char_marks *marks,
    const char *text, uint32_t share, const char *title)
{
	struct markdown markdown = {0};
	size_t n = strlen(text);

	char_marks_find(marks, text, n);
	measure_start(m, text, n, marks);
	outline_start(o, m, share, title, strlen(title));
	markdown_scan(&markdown, text, n);
	for (size_t i = 0; i < markdown.count; i++) {
		if (markdown.blocks[i].kind != MARKDOWN_HEADING)
			continue;
		measure_go(m, markdown.blocks[i].start);
		outline_add(o, m, &markdown.blocks[i]);
		outline_read(o, m);
	}
	markdown_free(&markdown);
}

static int
has_path(const struct outline *o, uint32_t heading, const char *wanted)
{
	struct outline_text path[OUTLINE_DEPTH];
	size_t n = outline_path(o, heading, path);
	struct buf b = {0};
	int same;

	for (size_t i = 0; i < n; i++) {
		buf_add(&b, path[i].s, path[i].n);
		buf_putc(&b, '/');
	}
	buf_putc(&b, '\0');
	same = strcmp(b.data, wanted) == 0;
	if (!same)
		printf("# got %s\n", b.data);
	buf_free(&b);
	return same;
}

/* Whether a context is so, and takes as much as is said. */
static int
has_context(const struct outline *o, struct outline_context context,
    uint32_t room, const char *wanted)
{
	uint32_t size = outline_size(o, &context);
	struct buf b = {0};
	int same;

	outline_context(o, &context, room, &b);
	buf_reserve(&b, 1);
	same = b.len == strlen(wanted) && memcmp(b.data, wanted, b.len) == 0;
	if (room == o->share)
		same &= size == (b.len > 0 ? b.len + 1 : 0);
	if (!same)
		printf("# got %.*s, size %u\n", (int)b.len, b.data, size);
	buf_free(&b);
	return same;
}

static void
test_paths(struct outline *o, struct measure *m, struct char_marks *marks)
{
	read_text(o, m, marks,
	    "# A\n\n### B *b*\n\n## C\n\n#### D\n\nE\n=\n\n## \n\n### F\n", 100,
	    "");
	tap(o->count == 8, "seven headings and the start: %zu", o->count);
	tap(has_path(o, 0, ""), "none above the text before the first");
	tap(has_path(o, 1, "A/"), "a heading stands under itself");
	tap(has_path(o, 2, "A/B b/"), "a level may be left out");
	tap(has_path(o, 3, "A/C/"), "the parent is the last smaller level");
	tap(has_path(o, 4, "A/C/D/"), "three of them");
	tap(has_path(o, 5, "E/"), "the same level ends all below");
	tap(has_path(o, 7, "E/F/"), "one without words is left out");
}

static void
test_contexts(struct outline *o, struct measure *m, struct char_marks *marks)
{
	struct outline_context below = {.heading = 2},
			       own = {.heading = 2, .own = 1},
			       table = {.heading = 2,
				   .header = {"|x|\n|-|", 7},
				   .header_size = 7};

	read_text(o, m, marks, "# A\n\n## Bb\n\nc\n", 40, "Title");
	tap(has_context(o, below, 40, "Title > A > Bb"), "title and headings");
	tap(has_context(o, own, 40, "Title > A"), "its own is left out");
	tap(has_context(o, table, 40, "Title > A > Bb\n|x|\n|-|"),
	    "header lines behind them");
	tap(has_context(o, (struct outline_context){0}, 40, "Title"),
	    "the title alone in front of the first heading");
	tap(has_context(o, below, 14, "A > Bb"), "outer ones go first");
	tap(has_context(o, below, 6, "Bb"), "and further");
	tap(has_context(o, below, 2, ""), "until nothing has room");
	tap(has_context(o, table, 10, "|x|\n|-|"), "header lines stay longer");

	read_text(o, m, marks, "# Title\n\n## B\n\nc\n", 40, "Title");
	tap(has_context(o, below, 40, "Title > B"),
	    "a heading that repeats the title stands once");
	own.heading = 1;
	tap(has_context(o, own, 40, ""), "also where the piece has it");

	read_text(o, m, marks, "# A\n\n## B\n\nc\n", 6, "Title");
	tap(has_context(o, below, 6, "A > B"), "at most the share");
	read_text(o, m, marks, "c\n", 40, " A\t\n title ");
	tap(has_context(o, (struct outline_context){0}, 40, "A title"),
	    "a title of several lines is one");
}

static void
test_words(struct outline *o, struct measure *m, struct char_marks *marks)
{
	struct buf text = {0};
	struct outline_text path[OUTLINE_DEPTH];

	/* Two bytes each: the bound is no end of a character. */
	buf_puts(&text, "# a");
	for (int i = 0; i < OUTLINE_WORDS; i++)
		buf_puts(&text, "\xC3\xA4");
	buf_puts(&text, "\n");
	read_text(o, m, marks, text.data, 40, "");
	tap(outline_path(o, 1, path) == 1 && path[0].n == OUTLINE_WORDS - 1,
	    "long words are cut between characters: %zu", path[0].n);
	buf_free(&text);
}

static void
test_passed(struct outline *o, struct measure *m, struct char_marks *marks)
{
	read_text(o, m, marks, "# A\n\n# B\n\n", 40, "");
	measure_go(m, 10);
	tap(outline_is_passed(o, m, 1, 11), "a small one behind one like it");
	tap(!outline_is_passed(o, m, 1, 10), "not one that is large enough");
	tap(!outline_is_passed(o, m, 2, 11), "not if a deeper one follows");
	outline_start(o, m, 40, "", 0);
	tap(!outline_is_passed(o, m, 1, 11), "not the start");
}

int
main(void)
{
	struct measure m = {.unit = MEASURE_BYTES};
	struct char_marks marks = {0};
	struct outline o = {0};

	test_paths(&o, &m, &marks);
	test_contexts(&o, &m, &marks);
	test_words(&o, &m, &marks);
	test_passed(&o, &m, &marks);
	outline_free(&o);
	char_marks_free(&marks);
	return tap_done();
}
