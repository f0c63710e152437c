#include "text/markdown_scan.h"

#include "base/alloc.h"
#include "text/markdown_chars.h"

/* Make room for a leaf behind the complete blocks; no leaf is open. */
void
markdown_scan_set_leaf(struct markdown_scan *s)
{
	struct markdown *m = s->markdown;

	if (m->count == m->cap) {
		m->cap = m->cap ? m->cap * 2 : MARKDOWN_SCAN_BATCH + 8;
		m->blocks = x_realloc(m->blocks, m->cap, sizeof(*m->blocks));
	}
	s->leaf = &m->blocks[m->count];
	s->leaf->kind = MARKDOWN_SCAN_NO_LEAF;
}

void
markdown_scan_set_line(struct markdown_scan *s, size_t start)
{
	s->start = s->at = start;
	s->end = line_ends_next(&s->markdown->lines);
	s->next = s->end + (s->end < s->n);
	if (s->end > start && s->text[s->end - 1] == '\r')
		s->end--;
	s->column = s->tab = s->item = 0;
}

/* Set first and indent from at. */
void
markdown_scan_find_first(struct markdown_scan *s)
{
	size_t i = s->at;
	unsigned column = s->column;

	if (s->tab > 0) {
		column += s->tab;
		i++;
	}
	for (; i < s->end; i++) {
		if (s->text[i] == ' ')
			column++;
		else if (s->text[i] == '\t')
			column += 4 - column % 4;
		else
			break;
	}
	s->first = i;
	s->indent = column - s->column;
}

/* Go on by columns of white space; a tab may be used in part. */
void
markdown_scan_advance(struct markdown_scan *s, unsigned columns)
{
	while (columns > 0 && s->at < s->end) {
		if (s->text[s->at] == '\t') {
			unsigned use;

			if (s->tab == 0)
				s->tab = 4 - s->column % 4;
			use = columns < s->tab ? columns : s->tab;
			s->tab -= use;
			s->column += use;
			columns -= use;
			if (s->tab == 0)
				s->at++;
		} else if (s->text[s->at] == ' ') {
			s->at++;
			s->column++;
			columns--;
		} else {
			break;
		}
	}
}

/* Go on to offset to; no tab is between first and to. */
void
markdown_scan_skip_to(struct markdown_scan *s, size_t to)
{
	markdown_scan_advance(s, s->indent);
	s->column += (unsigned)(to - s->at);
	s->at = to;
}

void
markdown_scan_close_leaf(struct markdown_scan *s)
{
	if (s->leaf->kind == MARKDOWN_SCAN_NO_LEAF)
		return;
	s->markdown->count++;
	markdown_scan_set_leaf(s);
}

static int
is_quoted(const struct markdown_scan *s)
{
	return s->depth > 0 && s->stack[s->depth - 1].quoted;
}

/* Open a leaf on this line. */
void
markdown_scan_open_leaf(struct markdown_scan *s, enum markdown_kind kind)
{
	markdown_scan_close_leaf(s);
	*s->leaf = (struct markdown_block){.start = (uint32_t)s->start,
	    .end = (uint32_t)s->end,
	    .kind = kind,
	    .quoted = is_quoted(s),
	    .depth = s->depth,
	    .item = s->item};
	s->leaf_line = s->start;
	s->leaf_text = s->first;
	if (s->depth > 0)
		s->stack[s->depth - 1].empty = 0;
}

void
markdown_scan_add_line(struct markdown_scan *s)
{
	s->leaf->end = (uint32_t)s->end;
	s->leaf_line = s->start;
	s->leaf_text = s->first;
}

int
markdown_scan_push_container(
    struct markdown_scan *s, char type, unsigned indent)
{
	char quoted;

	if (s->depth == MARKDOWN_DEPTH_MAX)
		return 0;
	markdown_scan_close_leaf(s);
	if (s->depth > 0)
		s->stack[s->depth - 1].empty = 0;
	quoted = type == '>' || is_quoted(s);
	s->stack[s->depth++] =
	    (struct markdown_container){type, 1, quoted, (uint16_t)indent};
	return 1;
}

/* The number of open containers that this line continues. */
unsigned
markdown_scan_match_containers(struct markdown_scan *s)
{
	unsigned i;

	markdown_scan_find_first(s);
	for (i = 0; i < s->depth; i++) {
		struct markdown_container *c = &s->stack[i];

		if (c->type == '>') {
			if (s->indent >= MARKDOWN_SCAN_CODE_INDENT ||
			    markdown_scan_peek(s, s->first) != '>')
				break;
			markdown_scan_skip_to(s, s->first + 1);
			if (is_space(markdown_scan_peek(s, s->at)))
				markdown_scan_advance(s, 1);
		} else if (s->indent >= c->indent && s->first < s->end) {
			markdown_scan_advance(s, c->indent);
		} else if (s->first == s->end && !c->empty) {
			markdown_scan_skip_to(s, s->first);
		} else {
			break;
		}
		markdown_scan_find_first(s);
	}
	return i;
}

unsigned
markdown_scan_run_length(const struct markdown_scan *s, size_t at, char c)
{
	size_t i = at;

	while (i < s->end && s->text[i] == c)
		i++;
	return (unsigned)(i - at);
}

int
markdown_scan_is_blank_from(const struct markdown_scan *s, size_t at)
{
	while (at < s->end && is_space(s->text[at]))
		at++;
	return at >= s->end;
}
