/*
 * The scanner follows appendix "A parsing strategy" of the CommonMark spec:
 * for each line first the open containers are matched, then new blocks are
 * opened, then what is left is added to the open leaf. As no inline text and
 * no tree is wanted, a container is four numbers on a stack, and at most one
 * leaf is open at a time.
 *
 * scan_line does that. Most lines take a shorter way, take_common_line, which
 * must come to the same: it knows them by how they begin.
 */
#include "text/markdown.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/markdown_chars.h"

enum {
	NO_LEAF = 255,
	CODE_INDENT = 4,
	BATCH = 256 /* blocks that are found at once */
};

struct container {
	char type;	 /* '>', or 'i' for an item or footnote */
	char empty;	 /* an item without a child so far */
	char quoted;	 /* it is a quote, or in one */
	uint16_t indent; /* columns that its later lines are indented by */
};

struct scan {
	struct markdown *markdown;
	const char *text;
	size_t n;
	size_t begin; /* behind a byte order mark */
	int plain;

	struct container stack[MARKDOWN_DEPTH_MAX];
	unsigned depth;

	/* The open leaf, behind the blocks that are complete. */
	struct markdown_block *leaf;
	size_t leaf_line; /* start of its last line */
	unsigned fence_length;
	unsigned fence_indent;
	/*
	 * Behind the markers of that line, if in a container. Not next to its
	 * start: both would be copied as one, from two places just written,
	 * which processors wait for.
	 */
	size_t leaf_text;
	char fence_char;
	char html_type; /* 1 to 7, as in the spec */

	/* The line. */
	size_t start, end, next; /* end is before \r\n, next behind it */
	size_t at;
	unsigned column;
	unsigned tab;	 /* columns of a tab at at that are left */
	size_t first;	 /* not a space or tab, or end */
	unsigned indent; /* columns from column to first */
	unsigned item;	 /* depth of the first item opened here */
	size_t no_rule;	 /* what is here keeps the line from being a rule */
};

/* Whether c is one of set; a NUL never is. */
static int
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The byte at offset at of the line, or a newline behind its end. */
static char
peek(const struct scan *s, size_t at)
{
	return at < s->end ? s->text[at] : '\n';
}

/* Begin anew behind the blocks that are complete, without a leaf. */
static void
set_leaf(struct scan *s)
{
	struct markdown *m = s->markdown;

	if (m->count == m->cap) {
		m->cap = m->cap ? m->cap * 2 : BATCH + 8;
		m->blocks = x_realloc(m->blocks, m->cap, sizeof(*m->blocks));
	}
	s->leaf = &m->blocks[m->count];
	s->leaf->kind = NO_LEAF;
}

/* Lines and columns. */

static void
set_line(struct scan *s, size_t start)
{
	s->start = s->at = start;
	s->end = line_ends_next(&s->markdown->lines);
	s->next = s->end + (s->end < s->n);
	if (s->end > start && s->text[s->end - 1] == '\r')
		s->end--;
	s->column = s->tab = s->item = 0;
}

/* Set first and indent from at. */
static inline void
find_first(struct scan *s)
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

/* Go on by so many columns of white space; a tab may be used in part. */
static inline void
advance(struct scan *s, unsigned columns)
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

/* Go on to offset to, which lies behind characters that are no tabs. */
static inline void
skip_to(struct scan *s, size_t to)
{
	advance(s, s->indent);
	s->column += (unsigned)(to - s->at);
	s->at = to;
}

/* Leaves. */

static void
close_leaf(struct scan *s)
{
	if (s->leaf->kind == NO_LEAF)
		return;
	s->markdown->count++;
	set_leaf(s);
}

static int
is_quoted(const struct scan *s)
{
	return s->depth > 0 && s->stack[s->depth - 1].quoted;
}

/* Open a leaf on this line. */
static void
open_leaf(struct scan *s, enum markdown_kind kind)
{
	close_leaf(s);
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

static void
add_line(struct scan *s)
{
	s->leaf->end = (uint32_t)s->end;
	s->leaf_line = s->start;
	s->leaf_text = s->first;
}

static int
push_container(struct scan *s, char type, unsigned indent)
{
	char quoted;

	if (s->depth == MARKDOWN_DEPTH_MAX)
		return 0;
	close_leaf(s);
	if (s->depth > 0)
		s->stack[s->depth - 1].empty = 0;
	quoted = type == '>' || is_quoted(s);
	s->stack[s->depth++] =
	    (struct container){type, 1, quoted, (uint16_t)indent};
	return 1;
}

/* How many of the open containers this line continues. */
static unsigned
match_containers(struct scan *s)
{
	unsigned i;

	find_first(s);
	for (i = 0; i < s->depth; i++) {
		struct container *c = &s->stack[i];

		if (c->type == '>') {
			if (s->indent >= CODE_INDENT ||
			    peek(s, s->first) != '>')
				break;
			skip_to(s, s->first + 1);
			if (is_space(peek(s, s->at)))
				advance(s, 1);
		} else if (s->indent >= c->indent && s->first < s->end) {
			advance(s, c->indent);
		} else if (s->first == s->end && !c->empty) {
			skip_to(s, s->first);
		} else {
			break;
		}
		find_first(s);
	}
	return i;
}

/* What starts a block. Each looks at the line from first on. */

static unsigned
run_length(const struct scan *s, size_t at, char c)
{
	size_t i = at;

	while (i < s->end && s->text[i] == c)
		i++;
	return (unsigned)(i - at);
}

static int
is_blank_from(const struct scan *s, size_t at)
{
	while (at < s->end && is_space(s->text[at]))
		at++;
	return at >= s->end;
}

/* Level of an ATX heading, or 0. */
static unsigned
atx_level(const struct scan *s)
{
	unsigned n = run_length(s, s->first, '#');
	char after = peek(s, s->first + n);

	return n <= 6 && (is_space(after) || after == '\n') ? n : 0;
}

static int
is_rule(struct scan *s)
{
	char c = s->text[s->first];
	unsigned count = 0;

	/* It is asked behind every marker of items in items. */
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
setext_level(const struct scan *s)
{
	char c = peek(s, s->first);
	unsigned n = run_length(s, s->first, c);

	if (!is_blank_from(s, s->first + n))
		return 0;
	return c == '=' ? 1 : c == '-' ? 2 : 0;
}

/* Whether the open paragraph is a lone link reference definition. */
static int
is_reference(const struct scan *s)
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
starts_fence(struct scan *s)
{
	char c = s->text[s->first];
	unsigned n = run_length(s, s->first, c);
	size_t info = s->first + n;

	if (n < 3 ||
	    (c == '`' && memchr(s->text + info, '`', s->end - info) != NULL))
		return 0;
	s->fence_char = c;
	s->fence_length = n;
	return 1;
}

static int
ends_fence(const struct scan *s)
{
	unsigned n;

	if (s->indent >= CODE_INDENT || peek(s, s->first) != s->fence_char)
		return 0;
	n = run_length(s, s->first, s->fence_char);
	return n >= s->fence_length && is_blank_from(s, s->first + n);
}

/*
 * Columns that a list marker at first takes, with the white space behind it,
 * or 0. A list may interrupt a paragraph only as the spec allows.
 */
static unsigned
list_marker(const struct scan *s, int in_paragraph, size_t *behind)
{
	size_t i = s->first;
	char c = s->text[i];

	if (c == '-' || c == '+' || c == '*') {
		i++;
	} else {
		while (i - s->first < 9 && is_digit(peek(s, i)))
			i++;
		if (i == s->first || (peek(s, i) != '.' && peek(s, i) != ')'))
			return 0;
		if (in_paragraph && (i - s->first != 1 || c != '1'))
			return 0;
		i++;
	}
	if (i < s->end && !is_space(s->text[i]))
		return 0;
	if (in_paragraph && is_blank_from(s, i))
		return 0;
	*behind = i;
	return (unsigned)(i - s->first);
}

static int
open_item(struct scan *s, int in_paragraph)
{
	size_t behind;
	unsigned width = list_marker(s, in_paragraph, &behind);
	unsigned before = s->indent;

	if (width == 0 || !push_container(s, 'i', 0))
		return 0;
	skip_to(s, behind);
	find_first(s);
	if (s->indent > CODE_INDENT || s->first == s->end) {
		advance(s, 1);
		width += 1;
		find_first(s);
	} else {
		width += s->indent;
		advance(s, s->indent);
		s->indent = 0;
	}
	s->stack[s->depth - 1].indent = (uint16_t)(before + width);
	if (s->item == 0)
		s->item = s->depth;
	return 1;
}

/* A footnote definition: [^label]: and lines indented by four. */
static int
open_footnote(struct scan *s)
{
	size_t i = s->first + 2;

	if (peek(s, s->first + 1) != '^')
		return 0;
	while (i < s->end && s->text[i] != ']' && !is_space(s->text[i]))
		i++;
	if (i == s->first + 2 || peek(s, i) != ']' || peek(s, i + 1) != ':')
		return 0;
	if (!push_container(s, 'i', CODE_INDENT))
		return 0;
	skip_to(s, i + 2);
	find_first(s);
	/* However much white space is here, it is no code. */
	advance(s, s->indent);
	s->indent = 0;
	if (s->item == 0)
		s->item = s->depth;
	return 1;
}

/* HTML blocks. */

static const char *const block_tags[] = {"address", "article", "aside", "base",
    "basefont", "blockquote", "body", "caption", "center", "col", "colgroup",
    "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2",
    "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend",
    "li", "link", "main", "menu", "menuitem", "nav", "noframes", "ol",
    "optgroup", "option", "p", "param", "search", "section", "source",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr",
    "track", "ul"};

static const char *const raw_tags[] = {"pre", "script", "style", "textarea"};

static int
compare_tag(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static int
has_tag(const char *name, const char *const *tags, size_t count)
{
	return bsearch(name, tags, count, sizeof(*tags), compare_tag) != NULL;
}

/* The tag name at at in lower case; returns its length, 0 if too long. */
static size_t
tag_name(const struct scan *s, size_t at, char name[static 16])
{
	size_t n = 0;
	char c = peek(s, at);

	while (is_alpha(c) || (n > 0 && is_digit(c))) {
		if (n == 15)
			return 0;
		name[n++] = (char)(c | (is_alpha(c) ? 0x20 : 0));
		c = peek(s, at + n);
	}
	name[n] = '\0';
	return n;
}

/* Behind one attribute and the white space before it, or 0 if malformed. */
static size_t
skip_attribute(const struct scan *s, size_t i)
{
	size_t name = i;
	char c = peek(s, i);

	if (!is_alpha(c) && c != '_' && c != ':')
		return 0;
	while (is_alpha(c) || is_digit(c) || is_one_of(c, "_.:-"))
		c = peek(s, ++i);
	name = i;
	while (is_space(peek(s, i)))
		i++;
	if (peek(s, i) != '=')
		return name;
	i++;
	while (is_space(peek(s, i)))
		i++;
	c = peek(s, i);
	if (c == '"' || c == '\'') {
		const char *q;

		if (i + 1 >= s->end)
			return 0;
		q = memchr(s->text + i + 1, c, s->end - i - 1);
		return q ? (size_t)(q - s->text) + 1 : 0;
	}
	name = i;
	while (c != '\n' && !is_space(c) && !is_one_of(c, "\"'=<>`"))
		c = peek(s, ++i);
	return i > name ? i : 0;
}

/* Whether a complete open or closing tag stands alone on the line. */
static int
is_lone_tag(const struct scan *s)
{
	size_t i = s->first + 1;
	int closing = peek(s, i) == '/';

	i += (size_t)closing;
	if (!is_alpha(peek(s, i)))
		return 0;
	while (
	    is_alpha(peek(s, i)) || is_digit(peek(s, i)) || peek(s, i) == '-')
		i++;
	for (;;) {
		size_t space = i;

		while (is_space(peek(s, i)))
			i++;
		if (peek(s, i) == '>' || peek(s, i) == '/' || closing)
			break;
		if (i == space)
			return 0;
		i = skip_attribute(s, i);
		if (i == 0)
			return 0;
	}
	if (!closing && peek(s, i) == '/')
		i++;
	return peek(s, i) == '>' && is_blank_from(s, i + 1);
}

/* Type of the HTML block that starts here (spec, 4.6), or 0. */
static char
html_start(const struct scan *s, int in_paragraph)
{
	static const char cdata[] = "[CDATA[";
	size_t i = s->first + 1;
	char name[16], after;
	size_t n;

	if (peek(s, i) == '!') {
		if (peek(s, i + 1) == '-' && peek(s, i + 2) == '-')
			return 2;
		if (is_alpha(peek(s, i + 1)))
			return 4;
		if (s->end - i > sizeof(cdata) - 1 &&
		    memcmp(s->text + i + 1, cdata, sizeof(cdata) - 1) == 0)
			return 5;
		return 0;
	}
	if (peek(s, i) == '?')
		return 3;
	n = tag_name(s, i + (peek(s, i) == '/'), name);
	after = peek(s, i + (peek(s, i) == '/') + n);
	if (n > 0 && (is_space(after) || after == '\n' || after == '>') &&
	    peek(s, i) != '/' && has_tag(name, raw_tags, 4))
		return 1;
	if (n > 0 &&
	    (is_space(after) || after == '\n' || after == '>' ||
		(after == '/' &&
		    peek(s, i + (peek(s, i) == '/') + n + 1) == '>')) &&
	    has_tag(name, block_tags, sizeof(block_tags) / sizeof(*block_tags)))
		return 6;
	return !in_paragraph && is_lone_tag(s) ? 7 : 0;
}

/* Whether the line holds what, without regard to case. */
static int
line_holds(const struct scan *s, const char *what)
{
	size_t n = strlen(what);
	const char *p = s->text + s->at, *end = s->text + s->end;

	for (; (size_t)(end - p) >= n; p++) {
		size_t i = 0;

		p = memchr(p, what[0], (size_t)(end - p));
		if (p == NULL || (size_t)(end - p) < n)
			return 0;
		while (
		    i < n && (p[i] == what[i] ||
				 (is_alpha(p[i]) && (p[i] | 0x20) == what[i])))
			i++;
		if (i == n)
			return 1;
	}
	return 0;
}

/* Whether an HTML block of types 1 to 5 ends on this line. */
static int
html_ends(const struct scan *s)
{
	switch (s->html_type) {
	case 1:
		return line_holds(s, "</script>") || line_holds(s, "</pre>") ||
		       line_holds(s, "</style>") ||
		       line_holds(s, "</textarea>");
	case 2:
		return line_holds(s, "-->");
	case 3:
		return line_holds(s, "?>");
	case 4:
		return line_holds(s, ">");
	case 5:
		return line_holds(s, "]]>");
	default:
		return 0;
	}
}

/* Tables. */

/* Cells of the row text[from, to); escaped pipes do not count. */
static unsigned
count_cells(const char *text, size_t from, size_t to)
{
	unsigned pipes = 0;

	while (from < to && is_space(text[from]))
		from++;
	while (to > from && is_space(text[to - 1]))
		to--;
	if (from == to)
		return 0;
	if (text[from] == '|' && ++from == to)
		return 0;
	for (size_t i = from; i < to; i++) {
		if (text[i] == '\\')
			i++;
		else if (text[i] == '|' && i + 1 < to)
			pipes++;
	}
	return pipes + 1;
}

/* Cells of a delimiter row such as |---|:-:|, or 0. */
static unsigned
delimiter_cells(const struct scan *s)
{
	size_t i = s->first;
	unsigned cells = 0;
	int marked = peek(s, i) == '|'; /* as no underline or rule is */

	i += (size_t)marked;
	for (;;) {
		unsigned dashes;
		size_t start;

		while (is_space(peek(s, i)))
			i++;
		if (i >= s->end)
			break;
		start = i;
		i += peek(s, i) == ':';
		dashes = run_length(s, i, '-');
		if (dashes == 0)
			return 0;
		i += dashes;
		i += peek(s, i) == ':';
		marked |= i - start > dashes;
		while (is_space(peek(s, i)))
			i++;
		cells++;
		if (i >= s->end)
			break;
		if (peek(s, i) != '|')
			return 0;
		marked = 1;
		i++;
	}
	return marked || cells > 1 ? cells : 0;
}

/*
 * Turn the last line of the open paragraph into a table's header if this
 * line is the delimiter row that fits it.
 */
static int
open_table(struct scan *s)
{
	size_t header = s->leaf_line, header_end = s->leaf->end;
	struct markdown_block before = *s->leaf;
	unsigned cells = delimiter_cells(s);
	size_t i = before.depth > 0 ? s->leaf_text : header;

	if (cells == 0 || count_cells(s->text, i, header_end) != cells)
		return 0;
	if (header > before.start) {
		size_t end = header - 1;

		end -= s->text[end - 1] == '\r';
		s->leaf->end = (uint32_t)end;
		close_leaf(s);
		before.item = 0;
	}
	*s->leaf = before;
	s->leaf->kind = MARKDOWN_TABLE;
	s->leaf->start = (uint32_t)header;
	add_line(s);
	s->leaf->head = (uint32_t)s->end;
	return 1;
}

/* Open what starts at first as a leaf; whether something did. */
static int
open_block(struct scan *s, int in_paragraph)
{
	unsigned level;
	char type;

	switch (s->text[s->first]) {
	case '#':
		level = atx_level(s);
		if (level == 0)
			return 0;
		open_leaf(s, MARKDOWN_HEADING);
		s->leaf->level = level;
		close_leaf(s);
		return 1;
	case '`':
	case '~':
		if (!starts_fence(s))
			return 0;
		open_leaf(s, MARKDOWN_FENCE);
		s->leaf->head = (uint32_t)s->end;
		return 1;
	case '<':
		type = html_start(s, in_paragraph);
		if (type == 0)
			return 0;
		open_leaf(s, MARKDOWN_HTML);
		s->html_type = type;
		if (html_ends(s))
			close_leaf(s);
		return 1;
	case ':':
		if (run_length(s, s->first, ':') < 3)
			return in_paragraph && open_table(s);
		open_leaf(s, MARKDOWN_DIRECTIVE);
		close_leaf(s);
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
		add_line(s);
		close_leaf(s);
		return 1;
	}
	if (in_paragraph && open_table(s))
		return 1;
	if (s->text[s->first] != '=' && s->text[s->first] != '|' &&
	    is_rule(s)) {
		open_leaf(s, MARKDOWN_RULE);
		close_leaf(s);
		return 1;
	}
	return 0;
}

/* Open a container at first and go behind it; whether one was opened. */
static int
open_container(struct scan *s, int in_paragraph)
{
	char c = s->text[s->first];

	switch (c) {
	case '>':
		if (!push_container(s, '>', 0))
			return 0;
		skip_to(s, s->first + 1);
		if (is_space(peek(s, s->at)))
			advance(s, 1);
		find_first(s);
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

/* Give the line to an open fence, HTML or indented code; whether it took it. */
static int
continue_verbatim(struct scan *s)
{
	int blank = s->first == s->end;

	switch (s->leaf->kind) {
	case MARKDOWN_FENCE:
		if (!blank)
			add_line(s);
		if (ends_fence(s))
			close_leaf(s);
		return 1;
	case MARKDOWN_HTML:
		if (blank && s->html_type >= 6) {
			close_leaf(s);
			return 1;
		}
		if (!blank)
			add_line(s);
		if (html_ends(s))
			close_leaf(s);
		return 1;
	case MARKDOWN_CODE:
		if (!blank && s->indent < CODE_INDENT)
			return 0;
		if (!blank)
			add_line(s);
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
open_blocks(struct scan *s, unsigned matched)
{
	/* A paragraph goes on without its markers: a lazy continuation. */
	int lazy = s->leaf->kind == MARKDOWN_PARAGRAPH;
	int in_paragraph = lazy && matched == s->depth;
	unsigned depth = s->depth;
	int opened = 0;

	for (;;) {
		s->depth = lazy ? matched : s->depth;
		if (s->first == s->end) {
			if (opened) {
				open_leaf(s, MARKDOWN_MARKER);
				close_leaf(s);
				s->stack[s->depth - 1].empty = 1;
			}
			return 1;
		}
		if (s->indent >= CODE_INDENT) {
			if (lazy)
				break;
			open_leaf(s, MARKDOWN_CODE);
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

static void
scan_line(struct scan *s)
{
	unsigned matched = match_containers(s);

	if (matched < s->depth && s->leaf->kind != MARKDOWN_PARAGRAPH) {
		close_leaf(s);
		s->depth = matched;
	}
	if (matched == s->depth && continue_verbatim(s))
		return;
	if (s->first == s->end) {
		close_leaf(s);
		s->depth = matched;
		return;
	}
	if (s->leaf->kind == MARKDOWN_CODE)
		close_leaf(s);
	if (open_blocks(s, matched))
		return;
	if (s->leaf->kind == MARKDOWN_PARAGRAPH ||
	    s->leaf->kind == MARKDOWN_TABLE)
		add_line(s);
	else
		open_leaf(s, MARKDOWN_PARAGRAPH);
}

/* Where the line begins that offset at is in, or from, if that is behind. */
static size_t
line_start(const struct scan *s, size_t from, size_t at)
{
	while (at > from && s->text[at - 1] != '\n')
		at--;
	return at;
}

/* End the open fence with the last line of [from, to) that is not blank. */
static void
add_code(struct scan *s, size_t from, size_t to)
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
 * Take lines of an open fence that do not end it: those up to where the
 * character is that it is made of, as code seldom has it.
 */
static int
take_code(struct scan *s)
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
	add_line(s);
	return 1;
}

/* Whether nothing but text of a paragraph can begin there. */
static int
is_text(const struct scan *s, size_t at)
{
	/* What begins all else, in open_block and open_container. */
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
	char c = peek(s, at);

	if (c == '`')
		return peek(s, at + 1) != '`';
	if (c == '[')
		return peek(s, at + 1) != '^';
	return !begins[(unsigned char)c] && !is_digit(c);
}

/*
 * Take a line that begins an item by a bullet, a space and text, if what is
 * open neither takes every line nor is continued by one without indentation.
 */
static int
take_item(struct scan *s)
{
	char c = peek(s, s->start);

	if ((c != '-' && c != '*' && c != '+') ||
	    peek(s, s->start + 1) != ' ' || !is_text(s, s->start + 2))
		return 0;
	close_leaf(s);
	s->stack[0] = (struct container){.type = 'i', .indent = 2};
	s->depth = s->item = 1;
	s->first = s->start + 2;
	open_leaf(s, MARKDOWN_PARAGRAPH);
	return 1;
}

/*
 * Most lines can be one thing only: outside all containers, text of a
 * paragraph, by how they begin, or a blank line behind it, code in a fence, the
 * row of a table, and there or in an item the start of another. Takes such a
 * line and says whether it did.
 */
static int
take_common_line(struct scan *s)
{
	char c = peek(s, s->start);

	if (s->depth > 0)
		return s->stack[0].type != '>' && take_item(s);
	switch (s->leaf->kind) {
	case MARKDOWN_FENCE:
		return take_code(s);
	case MARKDOWN_TABLE:
		if (c == '|')
			add_line(s);
		else if (c == '\n')
			close_leaf(s);
		else
			return take_item(s);
		return 1;
	case MARKDOWN_PARAGRAPH:
		if (is_text(s, s->start))
			add_line(s);
		else if (c == '\n')
			close_leaf(s);
		else
			return take_item(s);
		return 1;
	case NO_LEAF:
		if (is_text(s, s->start))
			open_leaf(s, MARKDOWN_PARAGRAPH);
		else
			return c == '\n' || take_item(s);
		return 1;
	default:
		return 0;
	}
}

/*
 * The end of front matter that opens with mark, or 0. It has a key: without
 * one the marks are rules.
 */
static size_t
front_end(struct scan *s, const char *mark)
{
	char assign = *mark == '-' ? ':' : '=';
	size_t open;
	int keys = 0;

	set_line(s, s->begin);
	if (s->end - s->start != 3 || memcmp(s->text + s->start, mark, 3) != 0)
		return 0;
	for (open = s->next; s->next < s->n;) {
		set_line(s, s->next);
		if (s->start == open && is_blank_from(s, s->start))
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
scan_front(struct scan *s)
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
	open_leaf(s, MARKDOWN_FRONT);
	close_leaf(s);
	return s->next;
}

static void
scan_plain_line(struct scan *s)
{
	if (is_blank_from(s, s->start))
		close_leaf(s);
	else if (s->leaf->kind == MARKDOWN_PARAGRAPH)
		add_line(s);
	else
		open_leaf(s, MARKDOWN_PARAGRAPH);
}

/* Scan lines until there are so many blocks, or all. */
static void
scan_blocks(struct scan *s, size_t count)
{
	const struct markdown *m = s->markdown;

	while (s->plain && s->next < s->n && m->count < count) {
		set_line(s, s->next);
		scan_plain_line(s);
	}
	while (s->next < s->n && m->count < count) {
		set_line(s, s->next);
		if (!take_common_line(s))
			scan_line(s);
	}
	if (s->next >= s->n)
		close_leaf(s);
}

void
markdown_start(struct markdown *m, const char *text, size_t n, int plain)
{
	struct scan *s = m->scan;

	if (s == NULL)
		s = m->scan = x_calloc(1, sizeof(*s));
	*s = (struct scan){.markdown = m, .text = text, .plain = plain};
	s->n = n < MARKDOWN_TEXT_MAX ? n : MARKDOWN_TEXT_MAX;
	line_ends_start(&m->lines, text, s->n);
	m->count = m->taken = 0;
	set_leaf(s);
	if (s->n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		s->begin = 3;
	s->next = plain ? s->begin : scan_front(s);
}

struct markdown_block *
markdown_next(struct markdown *m, int *more)
{
	struct scan *s = m->scan;
	size_t left = m->count - m->taken;

	if (left < 2) {
		/* The open leaf is behind them. */
		memmove(m->blocks, m->blocks + m->taken,
		    (left + 1) * sizeof(*m->blocks));
		m->count = left;
		m->taken = 0;
		s->leaf = m->blocks + left;
		scan_blocks(s, BATCH);
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
