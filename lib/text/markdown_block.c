#include "text/markdown_block.h"

#include <string.h>

#include "text/markdown_chars.h"
#include "text/markdown_html.h"
#include "text/markdown_scan.h"
#include "text/markdown_table.h"

/* Tests of the line from offset first on, for what starts or ends a block. */

/* Level of an ATX heading, or 0. */
static unsigned
atx_level(const struct markdown_scan *s)
{
	unsigned n = markdown_scan_run_length(s, s->first, '#');
	char after = markdown_scan_peek(s, s->first + n);

	return n <= 6 && (is_space(after) || after == '\n') ? n : 0;
}

static int
is_rule(struct markdown_scan *s)
{
	char c = s->text[s->first];
	unsigned count = 0;

	/* Nested items call this behind each marker. */
	if (s->first < s->no_rule)
		return 0;
	for (size_t i = s->first; i < s->end; i++) {
		if (s->text[i] == c) {
			count++;
		} else if (!is_space(s->text[i])) {
			s->no_rule = i;
			return 0;
		}
	}
	return count >= 3;
}

/* Level of a setext underline, or 0. */
static unsigned
setext_level(const struct markdown_scan *s)
{
	char c = markdown_scan_peek(s, s->first);
	unsigned n = markdown_scan_run_length(s, s->first, c);

	if (!markdown_scan_is_blank_from(s, s->first + n))
		return 0;
	return c == '=' ? 1 : c == '-' ? 2 : 0;
}

/* Whether the open paragraph is a lone link reference definition. */
static int
is_reference(const struct markdown_scan *s)
{
	const char *p = s->text + s->leaf->start, *end = s->text + s->leaf->end;
	const char *close;

	while (p < end && *p == ' ')
		p++;
	if (p == end || *p != '[')
		return 0;
	close = memchr(p, ']', (size_t)(end - p));
	return close != NULL && close + 1 < end && close[1] == ':' &&
	       memchr(p, '\n', (size_t)(end - p)) == NULL;
}

static int
starts_fence(struct markdown_scan *s)
{
	char c = s->text[s->first];
	unsigned n = markdown_scan_run_length(s, s->first, c);
	size_t info = s->first + n;

	if (n < 3 ||
	    (c == '`' && memchr(s->text + info, '`', s->end - info) != NULL))
		return 0;
	s->fence_char = c;
	s->fence_length = n;
	return 1;
}

static int
ends_fence(const struct markdown_scan *s)
{
	unsigned n;

	if (s->indent >= MARKDOWN_SCAN_CODE_INDENT ||
	    markdown_scan_peek(s, s->first) != s->fence_char)
		return 0;
	n = markdown_scan_run_length(s, s->first, s->fence_char);
	return n >= s->fence_length &&
	       markdown_scan_is_blank_from(s, s->first + n);
}

/*
 * The width of the list marker at first, or 0; *behind is the offset behind it.
 * A list may interrupt a paragraph only as the spec allows.
 */
static unsigned
list_marker(const struct markdown_scan *s, int in_paragraph, size_t *behind)
{
	size_t i = s->first;
	char c = s->text[i];

	if (c == '-' || c == '+' || c == '*') {
		i++;
	} else {
		while (i - s->first < 9 && is_digit(markdown_scan_peek(s, i)))
			i++;
		if (i == s->first || (markdown_scan_peek(s, i) != '.' &&
					 markdown_scan_peek(s, i) != ')'))
			return 0;
		if (in_paragraph && (i - s->first != 1 || c != '1'))
			return 0;
		i++;
	}
	if (i < s->end && !is_space(s->text[i]))
		return 0;
	if (in_paragraph && markdown_scan_is_blank_from(s, i))
		return 0;
	*behind = i;
	return (unsigned)(i - s->first);
}

static int
open_item(struct markdown_scan *s, int in_paragraph)
{
	size_t behind;
	unsigned width = list_marker(s, in_paragraph, &behind);
	unsigned before = s->indent;

	if (width == 0 || !markdown_scan_push_container(s, 'i', 0))
		return 0;
	markdown_scan_skip_to(s, behind);
	markdown_scan_find_first(s);
	if (s->indent > MARKDOWN_SCAN_CODE_INDENT || s->first == s->end) {
		markdown_scan_advance(s, 1);
		width += 1;
		markdown_scan_find_first(s);
	} else {
		width += s->indent;
		markdown_scan_advance(s, s->indent);
		s->indent = 0;
	}
	s->stack[s->depth - 1].indent = (uint16_t)(before + width);
	if (s->item == 0)
		s->item = s->depth;
	return 1;
}

/* Open a footnote definition: [^label]:, then lines indented by four. */
static int
open_footnote(struct markdown_scan *s)
{
	size_t i = s->first + 2;

	if (markdown_scan_peek(s, s->first + 1) != '^')
		return 0;
	while (i < s->end && s->text[i] != ']' && !is_space(s->text[i]))
		i++;
	if (i == s->first + 2 || markdown_scan_peek(s, i) != ']' ||
	    markdown_scan_peek(s, i + 1) != ':')
		return 0;
	if (!markdown_scan_push_container(s, 'i', MARKDOWN_SCAN_CODE_INDENT))
		return 0;
	markdown_scan_skip_to(s, i + 2);
	markdown_scan_find_first(s);
	/* White space here, however wide, does not begin code. */
	markdown_scan_advance(s, s->indent);
	s->indent = 0;
	if (s->item == 0)
		s->item = s->depth;
	return 1;
}

/* Open the leaf that starts at first, if any. Returns whether one does. */
static int
open_block(struct markdown_scan *s, int in_paragraph)
{
	unsigned level;
	char type;

	switch (s->text[s->first]) {
	case '#':
		level = atx_level(s);
		if (level == 0)
			return 0;
		markdown_scan_open_leaf(s, MARKDOWN_HEADING);
		s->leaf->level = level;
		markdown_scan_close_leaf(s);
		return 1;
	case '`':
	case '~':
		if (!starts_fence(s))
			return 0;
		markdown_scan_open_leaf(s, MARKDOWN_FENCE);
		s->leaf->head = (uint32_t)s->end;
		return 1;
	case '<':
		type = markdown_html_start(s, in_paragraph);
		if (type == 0)
			return 0;
		markdown_scan_open_leaf(s, MARKDOWN_HTML);
		s->html_type = type;
		if (markdown_html_ends(s))
			markdown_scan_close_leaf(s);
		return 1;
	case ':':
		if (markdown_scan_run_length(s, s->first, ':') < 3)
			return in_paragraph && markdown_table_open(s);
		markdown_scan_open_leaf(s, MARKDOWN_DIRECTIVE);
		markdown_scan_close_leaf(s);
		return 1;
	case '=':
	case '-':
	case '*':
	case '_':
	case '|':
		break;
	default:
		return 0;
	}
	level = in_paragraph && !is_reference(s) ? setext_level(s) : 0;
	if (level > 0) {
		s->leaf->kind = MARKDOWN_HEADING;
		s->leaf->level = level;
		markdown_scan_add_line(s);
		markdown_scan_close_leaf(s);
		return 1;
	}
	if (in_paragraph && markdown_table_open(s))
		return 1;
	if (s->text[s->first] != '=' && s->text[s->first] != '|' &&
	    is_rule(s)) {
		markdown_scan_open_leaf(s, MARKDOWN_RULE);
		markdown_scan_close_leaf(s);
		return 1;
	}
	return 0;
}

/*
 * Open the container that starts at first, if any, and go behind its marker.
 * Returns whether one was opened.
 */
static int
open_container(struct markdown_scan *s, int in_paragraph)
{
	char c = s->text[s->first];

	switch (c) {
	case '>':
		if (!markdown_scan_push_container(s, '>', 0))
			return 0;
		markdown_scan_skip_to(s, s->first + 1);
		if (is_space(markdown_scan_peek(s, s->at)))
			markdown_scan_advance(s, 1);
		markdown_scan_find_first(s);
		return 1;
	case '[':
		return open_footnote(s);
	case '-':
	case '*':
	case '+':
		return open_item(s, in_paragraph);
	default:
		return is_digit(c) && open_item(s, in_paragraph);
	}
}

/*
 * Let an open fence, HTML or indented code take the line. Returns whether the
 * line was taken.
 */
static int
continue_verbatim(struct markdown_scan *s)
{
	int blank = s->first == s->end;

	switch (s->leaf->kind) {
	case MARKDOWN_FENCE:
		if (!blank)
			markdown_scan_add_line(s);
		if (ends_fence(s))
			markdown_scan_close_leaf(s);
		return 1;
	case MARKDOWN_HTML:
		if (blank && s->html_type >= 6) {
			markdown_scan_close_leaf(s);
			return 1;
		}
		if (!blank)
			markdown_scan_add_line(s);
		if (markdown_html_ends(s))
			markdown_scan_close_leaf(s);
		return 1;
	case MARKDOWN_CODE:
		if (!blank && s->indent < MARKDOWN_SCAN_CODE_INDENT)
			return 0;
		if (!blank)
			markdown_scan_add_line(s);
		return 1;
	default:
		return 0;
	}
}

/*
 * Open the containers and the leaf that start on this line, which continues
 * matched containers. Returns whether the whole line was used.
 */
static int
open_blocks(struct markdown_scan *s, unsigned matched)
{
	/* A lazy continuation: a paragraph's line without the markers. */
	int lazy = s->leaf->kind == MARKDOWN_PARAGRAPH;
	int in_paragraph = lazy && matched == s->depth;
	unsigned depth = s->depth;
	int opened = 0;

	for (;;) {
		s->depth = lazy ? matched : s->depth;
		if (s->first == s->end) {
			if (opened) {
				markdown_scan_open_leaf(s, MARKDOWN_MARKER);
				markdown_scan_close_leaf(s);
				s->stack[s->depth - 1].empty = 1;
			}
			return 1;
		}
		if (s->indent >= MARKDOWN_SCAN_CODE_INDENT) {
			if (lazy)
				break;
			markdown_scan_open_leaf(s, MARKDOWN_CODE);
			return 1;
		}
		if (open_block(s, in_paragraph))
			return 1;
		if (!open_container(s, in_paragraph))
			break;
		lazy = in_paragraph = 0;
		opened = 1;
	}
	if (lazy)
		s->depth = depth;
	return 0;
}

void
markdown_block_scan_line(struct markdown_scan *s)
{
	unsigned matched = markdown_scan_match_containers(s);

	if (matched < s->depth && s->leaf->kind != MARKDOWN_PARAGRAPH) {
		markdown_scan_close_leaf(s);
		s->depth = matched;
	}
	if (matched == s->depth && continue_verbatim(s))
		return;
	if (s->first == s->end) {
		markdown_scan_close_leaf(s);
		s->depth = matched;
		return;
	}
	if (s->leaf->kind == MARKDOWN_CODE)
		markdown_scan_close_leaf(s);
	if (open_blocks(s, matched))
		return;
	if (s->leaf->kind == MARKDOWN_PARAGRAPH ||
	    s->leaf->kind == MARKDOWN_TABLE)
		markdown_scan_add_line(s);
	else
		markdown_scan_open_leaf(s, MARKDOWN_PARAGRAPH);
}
