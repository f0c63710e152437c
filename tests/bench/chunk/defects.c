/*
 * defects DOCUMENTS CHUNKS MAX UNIT - what is wrong with the chunks of some
 * documents, as a table. The blocks are libcmark-gfm's, so that this is an
 * oracle and no mirror of pl's own scanner. UNIT is c, b or t (by the chunks'
 * own "tokens"). The exit status is 1 if what must be 0 is not.
 */
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

struct span {
	size_t start, end;
	enum { FENCE, TABLE, HTML, HEADING, PARAGRAPH, OTHER } kind;
	int line;	     /* where it starts */
	size_t header_end;   /* of a table */
	size_t with_heading; /* where the headings right above start */
	int leads;	     /* a heading that something is below */
};

struct piece {
	size_t start, end, size;
	size_t chars; /* before it */
	const char *context;
};

struct text {
	const char *s;
	size_t n;
	size_t *lines; /* offsets of their starts */
	size_t line_count;
	struct span *spans;
	size_t span_count;
};

static struct counts {
	size_t documents, chunks, cuts;
	size_t over, offsets, lost, empty, order;
	size_t fence_fits, fence, table_fits, table, html_fits;
	size_t off_line, off_line_fits; /* not between lines; which would fit */
	size_t fence_least, table_least; /* cuts that no chunker can spare */
	size_t no_header, headings, mid_word, tiny, long_chunks;
	size_t mid_sentence, mid_sentence_fits;
	double fill;
} c;

static size_t max;
static char unit;

static size_t
chars(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (s[i] & 0xC0) != 0x80;
	return count;
}

static size_t
size_of(const char *s, size_t n)
{
	return unit == 'b' ? n : chars(s, n);
}

/* Whether it is of that size at most; of what is far longer nothing is counted,
 * as a code point has four bytes at most. */
static int
fits_in(const char *s, size_t n, size_t most)
{
	return n <= most ||
	    (unit != 'b' && n / 4 <= most && size_of(s, n) <= most);
}

static int
is_white(char b)
{
	return b == ' ' || (b >= '\t' && b <= '\r');
}

/* Bytes of the white space of Unicode at s, or 0. */
static size_t
white_at(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned code;

	if (u[0] < 0x80)
		return (size_t)is_white(s[0]);
	if (n >= 2 && u[0] == 0xC2)
		return u[1] == 0x85 || u[1] == 0xA0 ? 2 : 0;
	if (n < 3 || (u[0] & 0xF0) != 0xE0)
		return 0;
	code = (u[0] & 15u) << 12 | (u[1] & 63u) << 6 | (u[2] & 63u);
	return code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
		       code == 0x2028 || code == 0x2029 || code == 0x202F ||
		       code == 0x205F || code == 0x3000
		   ? 3
		   : 0;
}

/* How many bytes of s are of no white space. */
static size_t
lost_in(const char *s, size_t n)
{
	size_t lost = 0, length;

	for (size_t i = 0; i < n; i += length) {
		length = white_at(s + i, n - i);
		if (length == 0) {
			lost++;
			length = 1;
		}
	}
	return lost;
}

static void
find_lines(struct text *t)
{
	t->lines = malloc((t->n + 2) * sizeof(*t->lines));
	t->line_count = 0;
	t->lines[t->line_count++] = 0;
	for (size_t i = 0; i < t->n; i++) {
		if (t->s[i] == '\r' && i + 1 < t->n && t->s[i + 1] == '\n')
			continue;
		if (t->s[i] == '\n' || t->s[i] == '\r')
			t->lines[t->line_count++] = i + 1;
	}
	t->lines[t->line_count] = t->n;
}

static size_t
line_start(const struct text *t, int line)
{
	return line < 1			      ? 0
	       : (size_t)line > t->line_count ? t->n
					      : t->lines[line - 1];
}

/* The end of a line without white space. */
static size_t
line_end(const struct text *t, int line)
{
	size_t end = line_start(t, line + 1), start = line_start(t, line);

	while (end > start && is_white(t->s[end - 1]))
		end--;
	return end;
}

/* Whether a line is the delimiter row of a table. */
static int
is_delimiter(const struct text *t, int line)
{
	const char *s = t->s + line_start(t, line);
	size_t n = line_end(t, line) - line_start(t, line);

	return memchr(s, '-', n) != NULL && strspn(s, "|-: \t>") >= n;
}

/* The lines of text between the tags of an HTML block. */
static int
line_ends_of(const char *literal)
{
	int lines = 0;

	for (const char *p = literal; *p != '\0'; p++)
		lines += *p == '\n';
	return lines;
}

static void
add_span(struct text *t, cmark_node *node)
{
	int first = cmark_node_get_start_line(node);
	int last = cmark_node_get_end_line(node);
	cmark_node_type type = cmark_node_get_type(node);
	struct span *s = &t->spans[t->span_count];

	/* A block that ends with its condition is said to end before it. */
	if (type == CMARK_NODE_HTML_BLOCK &&
	    first + line_ends_of(cmark_node_get_literal(node)) - 1 > last)
		last = first + line_ends_of(cmark_node_get_literal(node)) - 1;
	/* Lines of a paragraph right above a table are said to be in it. */
	if (strcmp(cmark_node_get_type_string(node), "table") == 0)
		while (first + 1 < last && !is_delimiter(t, first + 1))
			first++;
	*s = (struct span){
	    .start = line_start(t, first), .line = first, .kind = OTHER};
	while (last > first && line_end(t, last) == line_start(t, last))
		last--;
	/* A setext heading closed by the next line is said to end there. */
	if (type == CMARK_NODE_HEADING && last > first &&
	    strspn(t->s + line_start(t, last), "-= \t\r") <
		line_end(t, last) - line_start(t, last))
		last--;
	s->end = line_end(t, last);
	s->with_heading = s->start;
	if (type == CMARK_NODE_CODE_BLOCK) {
		int length, offset;
		char mark;

		s->kind = cmark_node_get_fenced(node, &length, &offset, &mark)
			      ? FENCE
			      : OTHER;
	} else if (type == CMARK_NODE_HTML_BLOCK) {
		s->kind = HTML;
	} else if (type == CMARK_NODE_HEADING) {
		s->kind = HEADING;
		s->leads = cmark_node_next(node) != NULL;
	} else if (type == CMARK_NODE_PARAGRAPH) {
		s->kind = PARAGRAPH;
	} else if (strcmp(cmark_node_get_type_string(node), "table") == 0) {
		s->kind = TABLE;
		s->header_end = line_end(t, first + 1);
	} else {
		return;
	}
	/* A block fits only together with the headings right above it. */
	if (t->span_count > 0 && s[-1].leads)
		s->with_heading = s[-1].with_heading;
	t->span_count++;
}

static void
parse(struct text *t)
{
	cmark_parser *parser = cmark_parser_new(CMARK_OPT_FOOTNOTES);
	cmark_node *root;
	cmark_iter *iter;
	cmark_event_type event;

	cmark_parser_attach_syntax_extension(
	    parser, cmark_find_syntax_extension("table"));
	cmark_parser_feed(parser, t->s, t->n);
	root = cmark_parser_finish(parser);
	iter = cmark_iter_new(root);
	t->spans = malloc((t->line_count * 2 + 2) * sizeof(*t->spans));
	t->span_count = 0;
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		if (event == CMARK_EVENT_ENTER)
			add_span(t, cmark_iter_get_node(iter));
	cmark_iter_free(iter);
	cmark_node_free(root);
	cmark_parser_free(parser);
}

/* Front matter is not CommonMark: cut it off, as a block of its own. */
static size_t
front_matter(const struct text *t)
{
	const char *p, *first;

	if (t->n < 8 || memcmp(t->s, "---", 3) != 0)
		return 0;
	first = t->s + 3 + (t->s[3] == '\r');
	if (*first != '\n' || first[1] == '\r' || first[1] == '\n')
		return 0;
	for (p = first; (p = strstr(p, "\n---")) != NULL; p += 4)
		if (p[4] == '\n' || (p[4] == '\r' && p[5] == '\n'))
			return (size_t)(p - t->s) + 5 + (p[4] == '\r');
	return 0;
}

/* Whether the bytes on both sides of a cut belong to one word. */
static int
parts_word(const struct text *t, size_t end, size_t start)
{
	unsigned char a = (unsigned char)t->s[end - 1];
	unsigned char b = (unsigned char)t->s[start];

	if (start > end)
		return 0;
	/* Outside ASCII only letters that have words between spaces count. */
	return ((a | 0x20) >= 'a' && (a | 0x20) <= 'z' && (b | 0x20) >= 'a' &&
		   (b | 0x20) <= 'z') ||
	       (b >= 0xC3 && b <= 0xD2 && a >= 0x80);
}

/* Whether what ends at end looks like the end of a sentence. */
static int
ends_sentence(const struct text *t, size_t end)
{
	static const char *const ends[] = {".", "!", "?", ":", ";", "…", "。",
	    "！", "？", "；", "：", "।", "॥", "۔", "؟", "։", "።", "፧", "။", "၊",
	    "។", "›", "|", "ๆ"};

	/* Between tags there are no sentences. */
	if (t->s[end - 1] == '>')
		return 1;
	while (end > 0 && strchr("\"')]}*_`", t->s[end - 1]) != NULL)
		end--;
	if (end >= 3 && (memcmp(t->s + end - 3, "」", 3) == 0 ||
			    memcmp(t->s + end - 3, "”", 3) == 0))
		end -= 3;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t n = strlen(ends[i]);

		if (end >= n && memcmp(t->s + end - n, ends[i], n) == 0)
			return 1;
	}
	return 0;
}

/*
 * Whether the sentence in the span around the cut from end to start would fit
 * in a chunk: between the places on both sides where one looks ended.
 */
static int
sentence_fits(
    const struct text *t, const struct span *s, size_t end, size_t start)
{
	size_t from = end, to = start;

	while (from > s->start &&
	       !(is_white(t->s[from]) && ends_sentence(t, from)))
		from--;
	while (to < s->end && !(is_white(t->s[to]) && ends_sentence(t, to)))
		to++;
	while (from < to && is_white(t->s[from]))
		from++;
	return fits_in(t->s + from, to - from, max);
}

/*
 * Whether the line around offset i fits in a chunk, under the first lines of
 * its block if these are repeated.
 */
static int
line_fits(const struct text *t, const struct span *s, size_t i)
{
	size_t from = i, to = i, head = 0;

	if (s->kind == TABLE)
		head = size_of(t->s + s->start, s->header_end - s->start) + 1;
	while (from > s->start && t->s[from - 1] != '\n')
		from--;
	while (to < s->end && t->s[to] != '\n')
		to++;
	if (from < s->header_end || head > max / 4)
		head = 0;
	return size_of(t->s + from, to - from) + head <= max;
}

/*
 * The least number of cuts in a block over the limit: a first chunk of it, and
 * then as many as there must be with the header above each.
 */
static size_t
least_cuts(const struct text *t, const struct span *s)
{
	size_t size = size_of(t->s + s->start, s->end - s->start), head;

	if (size <= max)
		return 0;
	head = s->kind == TABLE ? s->header_end : line_start(t, s->line + 1);
	head = size_of(t->s + s->start, head - s->start) + 1;
	if (head > max / 4)
		head = 0;
	return (size - max + max - head - 1) / (max - head);
}

/* With DEFECTS_SHOW in the environment, say where a defect is. */
static void
show(const char *what, const struct text *t, const struct piece *a,
    const struct piece *b)
{
	int n = a->end - a->start < 60 ? (int)(a->end - a->start) : 60;

	if (getenv("DEFECTS_SHOW") != NULL)
		fprintf(stderr, "--- %s\n%.*s\n<<>>\n%.*s\n", what, n,
		    t->s + a->end - n,
		    (int)(t->n - b->start < 60 ? t->n - b->start : 60),
		    t->s + b->start);
}

/* A cut in a fence or table, between its lines or not. */
static void
check_line(const struct text *t, const struct span *s, const struct piece *a,
    const struct piece *b, int on_line)
{
	if (on_line)
		return;
	c.off_line++;
	if (line_fits(t, s, b->start)) {
		c.off_line_fits++;
		show("in a line that fits", t, a, b);
	}
}

static void
check_span(const struct text *t, const struct span *s, const struct piece *a,
    const struct piece *b)
{
	int fits = unit != 't' && fits_in(t->s + s->with_heading,
				      s->end - s->with_heading, max);
	int on_line = b->start == 0 || t->s[b->start - 1] == '\n';

	for (size_t i = b->start; !on_line && i > 0; i--) {
		if (t->s[i - 1] == '\n')
			on_line = 1;
		else if (t->s[i - 1] != ' ' && t->s[i - 1] != '\t')
			break;
	}
	switch (s->kind) {
	case FENCE:
		c.fence++;
		c.fence_fits += fits;
		if (fits)
			show("fence that fits", t, a, b);
		check_line(t, s, a, b, on_line);
		break;
	case TABLE:
		c.table++;
		c.table_fits += fits;
		if (fits)
			show("table that fits", t, a, b);
		check_line(t, s, a, b, on_line);
		if (b->start >= s->header_end) {
			char row[64] = "";
			size_t n = s->header_end - s->start;
			const char *head = t->s + s->start;

			while (n > 0 && is_white(*head))
				head++, n--;
			if (size_of(head, n) + 1 > max / 4)
				break;
			n = strcspn(head, "\n") < 40 ? strcspn(head, "\n") : 40;
			memcpy(row, head, n);
			if (b->context == NULL ||
			    strstr(b->context, row) == NULL) {
				c.no_header++;
				show("header lost", t, a, b);
			}
		}
		break;
	case HTML:
		c.html_fits += fits;
		if (fits)
			show("HTML that fits", t, a, b);
		break;
	case PARAGRAPH:
		if (!ends_sentence(t, a->end)) {
			int whole = sentence_fits(t, s, a->end, b->start);

			c.mid_sentence++;
			c.mid_sentence_fits += whole;
			show(
			    whole ? "in a sentence that fits" : "in a sentence",
			    t, a, b);
		}
		break;
	default:
		break;
	}
}

static void
check_cut(const struct text *t, size_t first, const struct piece *a,
    const struct piece *b, size_t base)
{
	size_t last = a->end; /* but for markers of a quote */

	while (last > a->start &&
	       (is_white(t->s[last - 1]) || t->s[last - 1] == '>'))
		last--;
	c.cuts++;
	c.mid_word += parts_word(t, a->end, b->start);
	for (size_t i = first; i < t->span_count; i++) {
		const struct span *s = &t->spans[i];

		if (s->start >= b->start)
			break;
		if (s->leads && s->end == last) {
			c.headings++;
			show("heading at the end", t, a, b);
		}
		if (s->end > b->start && s->start < a->end && base <= a->end)
			check_span(t, s, a, b);
	}
}

static void
check_document(const char *s, size_t n, struct piece *p, size_t count)
{
	struct text t = {.s = s, .n = n};
	/* A byte order mark in front is white space. */
	size_t at = n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	size_t front = front_matter(&t), first = 0;
	int is_long = unit == 't' || !fits_in(s, n, max);

	c.documents++;
	c.chunks += count;
	/* Blanks instead of front matter keep the lines where they are. */
	if (front > 0) {
		char *copy = malloc(n + 1);

		memcpy(copy, s, n + 1);
		for (size_t i = 0; i < front; i++)
			if (copy[i] != '\n')
				copy[i] = ' ';
		t.s = copy;
	}
	find_lines(&t);
	parse(&t);
	t.s = s;
	for (size_t i = 0; i < t.span_count; i++) {
		if (t.spans[i].kind == FENCE)
			c.fence_least += least_cuts(&t, &t.spans[i]);
		if (t.spans[i].kind == TABLE)
			c.table_least += least_cuts(&t, &t.spans[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (p[i].start > at)
			c.lost += lost_in(s + at, p[i].start - at);
		at = p[i].end > at ? p[i].end : at;
		/* Spans are in order, and none holds another. */
		while (i > 0 && first < t.span_count &&
		       t.spans[first].end < p[i - 1].end)
			first++;
		if (i > 0) {
			/* What is repeated may be cut before it, too. */
			struct piece before = p[i - 1];

			if (before.end > p[i].start)
				before.end = p[i].start;
			while (before.end > before.start &&
			       is_white(s[before.end - 1]))
				before.end--;
			check_cut(&t, first, &before, &p[i], front);
		}
		c.fill += (double)p[i].size / (double)max;
		if (is_long) {
			c.long_chunks++;
			c.tiny += p[i].size < max / 10 && count > 1;
		}
	}
	c.lost += lost_in(s + at, n - at);
	free(t.lines);
	free(t.spans);
}

static size_t
number(yyjson_val *v, const char *key)
{
	return (size_t)yyjson_get_uint(yyjson_obj_get(v, key));
}

static int report(void);

/*
 * Check a chunk record against its document and keep what is needed. before
 * is the chunk in front of it.
 */
static void
read_chunk(yyjson_val *v, const char *s, size_t n, struct piece *p,
    const struct piece *before)
{
	yyjson_val *text = yyjson_obj_get(v, "text");
	const char *context = yyjson_get_str(yyjson_obj_get(v, "context"));
	size_t length = yyjson_get_len(text), total;

	*p = (struct piece){.start = number(v, "start"),
	    .end = number(v, "end"),
	    .context = context};
	c.order += p->start + number(v, "overlap") < before->end;
	if (p->end > n || p->end < p->start || p->start < before->start) {
		c.offsets++;
		exit(report());
	}
	p->chars =
	    before->chars + chars(s + before->start, p->start - before->start);
	if (p->end - p->start != length ||
	    memcmp(s + p->start, yyjson_get_str(text), length) != 0 ||
	    p->chars != number(v, "char_start") ||
	    p->chars + chars(s + p->start, length) != number(v, "char_end"))
		c.offsets++;
	p->size = unit == 't' ? number(v, "tokens")
			      : size_of(yyjson_get_str(text), length);
	total = p->size;
	if (context != NULL && unit != 't')
		total += size_of(context, strlen(context)) + 1;
	c.over += total > max;
	c.empty += length == 0;
}

static char *
next_line(FILE *f, char **line, size_t *cap)
{
	return getline(line, cap, f) == -1 ? NULL : *line;
}

static double
percent(size_t part, size_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static int
report(void)
{
	printf("documents %zu, chunks %zu, interior cuts %zu\n", c.documents,
	    c.chunks, c.cuts);
	printf("%-44s %zu\n", "over the limit", c.over);
	printf("%-44s %zu\n", "wrong offsets, bytes or code points", c.offsets);
	printf("%-44s %zu\n", "non-space bytes lost", c.lost);
	printf("%-44s %zu\n", "empty, or out of order", c.empty + c.order);
	printf("%-44s %zu\n", "cuts in a fence that fits", c.fence_fits);
	printf("%-44s %zu\n", "cuts in a table that fits", c.table_fits);
	printf("%-44s %zu\n", "cuts in an HTML block that fits", c.html_fits);
	printf("%-44s %zu (%.2f %%)\n", "cuts in any fence", c.fence,
	    percent(c.fence, c.cuts));
	printf("%-44s %zu (%.2f %%)\n", "  no chunker can do with less than",
	    c.fence_least, percent(c.fence_least, c.cuts));
	printf("%-44s %zu (%.2f %%)\n", "cuts in any table", c.table,
	    percent(c.table, c.cuts));
	printf("%-44s %zu (%.2f %%)\n", "  no chunker can do with less than",
	    c.table_least, percent(c.table_least, c.cuts));
	printf("%-44s %zu\n", "of these two, not between lines", c.off_line);
	printf("%-44s %zu\n", "  in a line that fits", c.off_line_fits);
	printf("%-44s %zu\n", "table goes on without its header", c.no_header);
	printf("%-44s %zu\n", "heading at a chunk's end", c.headings);
	printf("%-44s %zu (%.3f %%)\n", "cuts in a word", c.mid_word,
	    percent(c.mid_word, c.cuts));
	printf("%-44s %zu (%.3f %%)\n", "cuts in a sentence", c.mid_sentence,
	    percent(c.mid_sentence, c.cuts));
	printf("%-44s %zu (%.3f %%)\n", "  that fits", c.mid_sentence_fits,
	    percent(c.mid_sentence_fits, c.cuts));
	printf("%-44s %zu (%.2f %%)\n", "tiny (< 10 %), of long documents",
	    c.tiny, percent(c.tiny, c.long_chunks));
	printf("%-44s %.1f %%\n", "mean fill",
	    100 * c.fill / (double)(c.chunks ? c.chunks : 1));
	if (c.over + c.offsets + c.lost + c.empty + c.order > 0)
		return 1;
	/* What fits in tokens is not known here. */
	return unit != 't' && c.fence_fits + c.table_fits + c.html_fits +
				      c.headings + c.no_header + c.mid_word +
				      c.off_line_fits >
				  0;
}

int
main(int argc, char **argv)
{
	static const struct piece none;
	FILE *documents, *records;
	char *line = NULL, *record = NULL;
	size_t cap = 0, record_cap = 0;

	if (argc != 5)
		return 2;
	documents = fopen(argv[1], "r");
	records = fopen(argv[2], "r");
	if (documents == NULL || records == NULL)
		return 2;
	max = strtoul(argv[3], NULL, 10);
	unit = *argv[4];
	cmark_gfm_core_extensions_ensure_registered();
	while (next_line(documents, &line, &cap) != NULL) {
		yyjson_doc *doc = yyjson_read(line, strlen(line), 0);
		yyjson_val *content =
		    yyjson_obj_get(yyjson_doc_get_root(doc), "content");
		yyjson_doc **kept = NULL;
		struct piece *p = NULL;
		size_t count = 0;

		while (next_line(records, &record, &record_cap) != NULL) {
			yyjson_doc *r = yyjson_read(record, strlen(record), 0);
			yyjson_val *root = yyjson_doc_get_root(r);

			if (yyjson_equals_str(
				yyjson_obj_get(root, "type"), "end")) {
				yyjson_doc_free(r);
				break;
			}
			kept = realloc(kept, (count + 1) * sizeof(*kept));
			p = realloc(p, (count + 1) * sizeof(*p));
			kept[count] = r;
			read_chunk(root, yyjson_get_str(content),
			    yyjson_get_len(content), &p[count],
			    count ? &p[count - 1] : &none);
			count++;
		}
		check_document(
		    yyjson_get_str(content), yyjson_get_len(content), p, count);
		while (count > 0)
			yyjson_doc_free(kept[--count]);
		free(kept);
		free(p);
		yyjson_doc_free(doc);
	}
	free(line);
	free(record);
	fclose(documents);
	fclose(records);
	return report();
}
