/*
 * The scanner follows the appendix "A parsing strategy" of the CommonMark spec:
 * for each line it first matches the open containers, then opens new blocks,
 * then adds the rest of the line to the open leaf. Inline text and a tree are
 * not needed. So a container is four numbers on a stack, and at most one leaf
 * is open at a time.
 *
 * markdown_block_scan_line does this for any line. take_common_line is a
 * shorter way for most lines, which it recognizes by their first characters.
 * Its result must be the same.
 */
#include "text/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/markdown_block.h"
#include "text/markdown_chars.h"
#include "text/markdown_scan.h"

/* The start of the line that offset at is in, but not before from. */
static size_t
line_start(const struct markdown_scan *s, size_t from, size_t at)
{
	while (at > from && s->text[at - 1] != '\n')
		at--;
	return at;
}

/* Let the open fence end with the last line in [from, to) that is not blank. */
static void
add_code(struct markdown_scan *s, size_t from, size_t to)
{
	while (to > from) {
		size_t start, end = to - (s->text[to - 1] == '\n');

		start = line_start(s, from, end);
		end -= end > start && s->text[end - 1] == '\r';
		for (size_t i = start; i < end; i++)
			if (!is_space(s->text[i])) {
				s->leaf->end = (uint32_t)end;
				return;
			}
		to = start;
	}
}

/*
 * Take lines of an open fence that cannot end it: all lines before the next
 * character that the fence is made of, which is rare in code.
 */
static int
take_code(struct markdown_scan *s)
{
	const char *from = s->text + s->start;
	const char *mark = memchr(from, s->fence_char, s->n - s->start);
	size_t i = mark ? (size_t)(mark - s->text) : s->n;
	size_t stop = mark ? line_start(s, s->start, i) : s->n;

	if (stop > s->start) {
		add_code(s, s->start, stop);
		line_ends_skip(&s->markdown->lines, stop);
		s->next = stop;
		return 1;
	}
	while (i > s->start && is_space(s->text[i - 1]))
		i--;
	if (i == s->start)
		return 0;
	markdown_scan_add_line(s);
	return 1;
}

/* Whether only text of a paragraph can begin at this offset. */
static int
is_text(const struct markdown_scan *s, size_t at)
{
	/* First characters of all other blocks and of containers. */
	static const char begins[256] = {['\t'] = 1,
	    ['\n'] = 1,
	    [' '] = 1,
	    ['#'] = 1,
	    ['~'] = 1,
	    ['<'] = 1,
	    [':'] = 1,
	    ['='] = 1,
	    ['-'] = 1,
	    ['*'] = 1,
	    ['_'] = 1,
	    ['|'] = 1,
	    ['>'] = 1,
	    ['+'] = 1};
	char c = markdown_scan_peek(s, at);

	if (c == '`')
		return markdown_scan_peek(s, at + 1) != '`';
	if (c == '[')
		return markdown_scan_peek(s, at + 1) != '^';
	return !begins[(unsigned char)c] && !is_digit(c);
}

/*
 * Take a line that begins a list item with a bullet, a space and text. Such a
 * line must not continue an open container or leaf. Returns whether it was
 * taken.
 */
static int
take_item(struct markdown_scan *s)
{
	char c = markdown_scan_peek(s, s->start);

	if ((c != '-' && c != '*' && c != '+') ||
	    markdown_scan_peek(s, s->start + 1) != ' ' ||
	    !is_text(s, s->start + 2))
		return 0;
	markdown_scan_close_leaf(s);
	s->stack[0] = (struct markdown_container){.type = 'i', .indent = 2};
	s->depth = s->item = 1;
	s->first = s->start + 2;
	markdown_scan_open_leaf(s, MARKDOWN_PARAGRAPH);
	return 1;
}

/*
 * Take a line if its first characters and the open leaf show what it is, as for
 * most lines. Outside containers: text of a paragraph, a blank line behind it,
 * code in a fence, a table row, or the start of a list item. In an item: the
 * start of another item. Returns whether the line was taken.
 */
static int
take_common_line(struct markdown_scan *s)
{
	char c = markdown_scan_peek(s, s->start);

	if (s->depth > 0)
		return s->stack[0].type != '>' && take_item(s);
	switch (s->leaf->kind) {
	case MARKDOWN_FENCE:
		return take_code(s);
	case MARKDOWN_TABLE:
		if (c == '|')
			markdown_scan_add_line(s);
		else if (c == '\n')
			markdown_scan_close_leaf(s);
		else
			return take_item(s);
		return 1;
	case MARKDOWN_PARAGRAPH:
		if (is_text(s, s->start))
			markdown_scan_add_line(s);
		else if (c == '\n')
			markdown_scan_close_leaf(s);
		else
			return take_item(s);
		return 1;
	case MARKDOWN_SCAN_NO_LEAF:
		if (is_text(s, s->start))
			markdown_scan_open_leaf(s, MARKDOWN_PARAGRAPH);
		else
			return c == '\n' || take_item(s);
		return 1;
	default:
		return 0;
	}
}

/*
 * The end of front matter that opens with mark, or 0. Front matter has at least
 * one key; without a key the marks are rules.
 */
static size_t
front_end(struct markdown_scan *s, const char *mark)
{
	char assign = *mark == '-' ? ':' : '=';
	size_t open;
	int keys = 0;

	markdown_scan_set_line(s, s->begin);
	if (s->end - s->start != 3 || memcmp(s->text + s->start, mark, 3) != 0)
		return 0;
	for (open = s->next; s->next < s->n;) {
		markdown_scan_set_line(s, s->next);
		if (s->start == open &&
		    markdown_scan_is_blank_from(s, s->start))
			return 0;
		if (s->end - s->start == 3 &&
		    (memcmp(s->text + s->start, mark, 3) == 0 ||
			(*mark == '-' &&
			    memcmp(s->text + s->start, "...", 3) == 0)))
			return keys ? s->end : 0;
		keys |= memchr(s->text + s->start, assign, s->end - s->start) !=
			NULL;
	}
	return 0;
}

/* Add front matter, if there is any; returns where to go on. */
static size_t
scan_front(struct markdown_scan *s)
{
	const char *text = s->text + s->begin;
	size_t end;

	if (s->n - s->begin < 7 || (*text != '-' && *text != '+'))
		return s->begin;
	end = front_end(s, *text == '-' ? "---" : "+++");
	if (end == 0) {
		line_ends_start(&s->markdown->lines, s->text, s->n);
		return s->begin;
	}
	s->start = s->begin;
	s->end = end;
	markdown_scan_open_leaf(s, MARKDOWN_FRONT);
	markdown_scan_close_leaf(s);
	return s->next;
}

static void
scan_plain_line(struct markdown_scan *s)
{
	if (markdown_scan_is_blank_from(s, s->start))
		markdown_scan_close_leaf(s);
	else if (s->leaf->kind == MARKDOWN_PARAGRAPH)
		markdown_scan_add_line(s);
	else
		markdown_scan_open_leaf(s, MARKDOWN_PARAGRAPH);
}

/* Scan lines until there are count blocks, or to the end. */
static void
scan_blocks(struct markdown_scan *s, size_t count)
{
	const struct markdown *m = s->markdown;

	while (s->plain && s->next < s->n && m->count < count) {
		markdown_scan_set_line(s, s->next);
		scan_plain_line(s);
	}
	while (s->next < s->n && m->count < count) {
		markdown_scan_set_line(s, s->next);
		if (!take_common_line(s))
			markdown_block_scan_line(s);
	}
	if (s->next >= s->n)
		markdown_scan_close_leaf(s);
}

void
markdown_start(struct markdown *m, const char *text, size_t n, int plain)
{
	struct markdown_scan *s = m->scan;

	if (s == NULL)
		s = m->scan = x_calloc(1, sizeof(*s));
	*s =
	    (struct markdown_scan){.markdown = m, .text = text, .plain = plain};
	s->n = n < MARKDOWN_TEXT_MAX ? n : MARKDOWN_TEXT_MAX;
	line_ends_start(&m->lines, text, s->n);
	m->count = m->taken = 0;
	markdown_scan_set_leaf(s);
	if (s->n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		s->begin = 3;
	s->next = plain ? s->begin : scan_front(s);
}

struct markdown_block *
markdown_next(struct markdown *m, int *more)
{
	struct markdown_scan *s = m->scan;
	size_t left = m->count - m->taken;

	if (left < 2) {
		/* One more is moved: the open leaf behind the blocks. */
		memmove(m->blocks, m->blocks + m->taken,
		    (left + 1) * sizeof(*m->blocks));
		m->count = left;
		m->taken = 0;
		s->leaf = m->blocks + left;
		scan_blocks(s, MARKDOWN_SCAN_BATCH);
		left = m->count;
	}
	*more = left >= 2;
	return left > 0 ? &m->blocks[m->taken++] : NULL;
}

void
markdown_scan(struct markdown *m, const char *text, size_t n)
{
	markdown_start(m, text, n, 0);
	scan_blocks(m->scan, SIZE_MAX);
}

void
markdown_free(struct markdown *m)
{
	free(m->blocks);
	free(m->scan);
	*m = (struct markdown){0};
}
