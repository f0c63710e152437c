/*
 * spec SPEC.TXT... - compare the blocks of lib/text/markdown.c with
 * libcmark-gfm's on the examples of the CommonMark and GFM specs, or on whole
 * Markdown files. Prints each disagreement, and how many there are.
 */
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>
#include <cmark-gfm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "text/markdown.h"

static const char fence[] = "````````````````````````````````";

static unsigned
line_of(const char *text, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/*
 * Link reference definitions are no blocks for cmark, and paragraphs for md.
 * How many lines of them a paragraph begins with; all of them: -1.
 */
static int
definitions(const char *text, const struct markdown_block *b)
{
	const char *s = text + b->start, *end = text + b->end;
	cmark_node *root, *first;
	int line = 0;

	s += strspn(s, b->item ? " \t>-*+0123456789.)" : " \t>");
	if (s >= end || *s != '[')
		return 0;
	root = cmark_parse_document(s, s < end ? (size_t)(end - s) : 0, 0);
	first = cmark_node_first_child(root);
	line = first ? cmark_node_get_start_line(first) - 1 : -1;
	cmark_node_free(root);
	return line;
}

static void
describe_own(struct buf *out, const char *text, size_t n)
{
	static const char *const kinds[] = {"paragraph", "heading", "code",
	    "code", "table", "html", "rule", "front", "paragraph", "marker"};
	struct markdown md = {0};

	markdown_scan(&md, text, n);
	for (size_t i = 0; i < md.count; i++) {
		const struct markdown_block *b = &md.blocks[i];

		int skip = 0;

		if (b->kind == MARKDOWN_PARAGRAPH)
			skip = definitions(text, b);
		if (b->kind == MARKDOWN_MARKER || skip == -1)
			continue;
		buf_printf(out, "%s", kinds[b->kind]);
		if (b->level)
			buf_printf(out, "%u", b->level);
		buf_printf(
		    out, " %u; ", line_of(text, b->start) + (unsigned)skip);
	}
	markdown_free(&md);
}

static void
describe_node(struct buf *out, cmark_node *node)
{
	const char *type = cmark_node_get_type_string(node);
	int line = cmark_node_get_start_line(node);

	if (strcmp(type, "code_block") == 0)
		buf_printf(out, "code %d; ", line);
	else if (strcmp(type, "html_block") == 0)
		buf_printf(out, "html %d; ", line);
	else if (strcmp(type, "thematic_break") == 0)
		buf_printf(out, "rule %d; ", line);
	else if (strcmp(type, "heading") == 0)
		buf_printf(out, "heading%d %d; ",
		    cmark_node_get_heading_level(node), line);
	else if (strcmp(type, "paragraph") == 0 || strcmp(type, "table") == 0)
		buf_printf(out, "%s %d; ", type, line);
}

static void
describe_cmark(struct buf *out, const char *text, size_t n)
{
	cmark_parser *parser = cmark_parser_new(CMARK_OPT_DEFAULT);
	cmark_event_type event;
	cmark_node *root;
	cmark_iter *iter;

	cmark_parser_attach_syntax_extension(
	    parser, cmark_find_syntax_extension("table"));
	cmark_parser_feed(parser, text, n);
	root = cmark_parser_finish(parser);
	iter = cmark_iter_new(root);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		if (event == CMARK_EVENT_ENTER)
			describe_node(out, cmark_iter_get_node(iter));
	cmark_iter_free(iter);
	cmark_node_free(root);
	cmark_parser_free(parser);
}

/* Of a long text show only where the blocks part. */
static void
show_first(const char *name, const char *own, const char *other)
{
	size_t at = 0;

	for (size_t i = 0; own[i] == other[i]; i++)
		if (own[i] == ' ' && i > 0 && own[i - 1] == ';')
			at = i + 1;
	printf(
	    "--- %s\nmd:    %.50s\ncmark: %.50s\n", name, own + at, other + at);
}

/* Returns whether they agree. */
static int
compare(const char *name, unsigned number, const char *text, size_t n)
{
	struct buf own = {0}, other = {0};
	int same;

	buf_puts(&own, "");
	buf_puts(&other, "");
	describe_own(&own, text, n);
	describe_cmark(&other, text, n);
	same = strcmp(own.data, other.data) == 0;
	if (!same && n < 2000)
		printf("--- %s %u\n%.*s\nmd:    %s\ncmark: %s\n", name, number,
		    (int)n, text, own.data, other.data);
	else if (!same)
		show_first(name, own.data, other.data);
	buf_free(&own);
	buf_free(&other);
	return same;
}

/* The specs show a tab as an arrow. */
static size_t
add_tabs(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i + 2 < n && memcmp(s + i, "\xE2\x86\x92", 3) == 0) {
			buf_putc(out, '\t');
			i += 2;
		} else {
			buf_putc(out, s[i]);
		}
	}
	return out->len;
}

static void
compare_file(const char *name, unsigned *examples, unsigned *same)
{
	struct buf file = {0}, text = {0};
	FILE *f = fopen(name, "r");
	const char *p;
	size_t n;

	if (f == NULL)
		exit(2);
	while ((n = fread(buf_reserve(&file, 65536), 1, 65536, f)) > 0)
		file.len += n;
	fclose(f);
	buf_putc(&file, '\n');
	p = strstr(file.data, fence);
	if (p == NULL) {
		++*examples;
		*same += (unsigned)compare(name, 1, file.data, file.len);
	}
	while (p != NULL) {
		const char *start = strchr(p, '\n') + 1;
		const char *end = strstr(start, "\n.\n");

		if (end == NULL)
			break;
		/* The example may be empty. */
		if (start[0] == '.' && start[1] == '\n')
			end = start - 1;
		text.len = 0;
		buf_puts(&text, "");
		add_tabs(&text, start, (size_t)(end + 1 - start));
		++*examples;
		*same += (unsigned)compare(
		    "example", *examples, text.data, text.len);
		p = strstr(end, fence);
		p = p ? strstr(p + sizeof(fence) - 1, fence) : NULL;
	}
	buf_free(&file);
	buf_free(&text);
}

int
main(int argc, char **argv)
{
	unsigned examples = 0, same = 0;

	cmark_gfm_core_extensions_ensure_registered();
	for (int i = 1; i < argc; i++)
		compare_file(argv[i], &examples, &same);
	printf("%u of %u agree\n", same, examples);
	return 0;
}
