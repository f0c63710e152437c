/* text_file: titles, suffixes, first bytes, urls of paths */
#include "source/text_file.h"
#include "source_lines.h"

static const struct {
	const char *type, *text, *title;
} titles[] = {
    {"text/markdown", "# A\n\ntext", "A"},
    {"text/markdown", "text\n\n## B ##\n", "B"},
    {"text/markdown", "A\nB\n===\n", "B"},
    {"text/markdown", "A\n---\n# B", "A"},
    {"text/markdown", "text\n\n---\n\nmore", "text"},
    {"text/markdown", "```\n# no\n```\n# Yes", "Yes"},
    {"text/markdown", "~~~\n```\n# no\n~~~\n# Yes", "Yes"},
    {"text/markdown", "    # code\n\n# Yes", "Yes"},
    {"text/markdown", "####### seven\n", "####### seven"},
    {"text/markdown", "#\n\n# B", "B"},
    {"text/markdown", "---\ntitle: T\n---\n# B", "T"},
    {"text/markdown", "---\ntitle: 'T t'\n---\n", "T t"},
    {"text/markdown", "---\na: b\n---\n# B", "B"},
    {"text/markdown", "---\ntitle: T\n# B", "B"},
    {"text/markdown", "# A\r\n", "A"},
    {"text/plain", "\n\n  first  \nsecond", "first"},
    {"text/plain", "# A", "# A"},
    {"text/html", "<html><head><title>\n A &amp; B</title>", "A & B"},
    {"text/html", "<TITLE x=y>A</TITLE>", "A"},
    {"text/html", "<title>A", ""},
    {"text/html", "<p>no", ""},
};

static const struct {
	const char *path, *type;
} paths[] = {{"a.md", "text/markdown"},
    {"a/b.c/README.MARKDOWN", "text/markdown"}, {"a.txt", "text/plain"},
    {"a.HTML", "text/html"}, {"x.json", "application/json"},
    {"x.ndjson", "application/json"}, {"p.png", ""}, {"a.js", ""},
    {"a.md/b", NULL}, {".md", NULL}, {"a.", NULL}, {"a", NULL},
    {"a.verylongsuffixindeed", NULL}, {"", NULL}, {"a. md", NULL}};

static const struct {
	const char *bytes, *code;
	int json;
} starts[] = {
    {"WARC/1.0\r\n", "unsupported_format", 0},
    {"%PDF-1.7", "unsupported_format", 0},
    {"\x1F\x8B\x08", "compressed", 0},
    {"\xFF\xFEx", "not_utf8", 0},
    {"<?xml version=\"1.0\"?>\n<urlset xmlns=\"x\">", "unsupported_format", 0},
    {"\xEF\xBB\xBF <sitemapindex>", "unsupported_format", 0},
    {"<?xml version=\"1.0\"?><feed>", NULL, 0},
    {"{\"a\":1}", NULL, 1},
    {" \n[\n{", NULL, 1},
    {"\xEF\xBB\xBF{}", NULL, 1},
    {"[1] a note", NULL, 0},
    {"{% block %}", NULL, 0},
    {"text", NULL, 0},
    {"", NULL, 0},
};

static const struct {
	const char *base, *path, *url;
} urls[] = {{"https://x", "a/b.md", "https://x/a/b.md"},
    {"https://x/", "a", "https://x/a"}, {"https://x/d/", "", "https://x/d/"},
    {"", "a", "a"},
    {"https://x", "a b#?%\xC3\xA9", "https://x/a%20b%23%3F%25%C3%A9"},
    {"https://x", "a\xFF:@+(~", "https://x/a%FF:@+(~"}};

static void
test_titles(void)
{
	struct buf out = {0}, want = {0};
	struct source_options options = {.give = add_line, .argument = &out};

	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		struct source *s = source_new(&options);

		buf_reset(&out, 4096);
		buf_reset(&want, 4096);
		source_open(s, "u");
		text_file_read(
		    s, "p", 0, titles[i].type, document_text(titles[i].text));
		buf_printf(&want, "D u|%s|%s|%s\n", titles[i].title,
		    titles[i].text, titles[i].type);
		if (!tap(strcmp(out.data, want.data) == 0, "title '%s'",
			titles[i].title))
			printf("# got %s\n", out.data);
		source_free(s);
	}
	buf_free(&out);
	buf_free(&want);
}

static int
equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

int
main(void)
{
	struct buf out = {0};
	const char *why;

	test_titles();
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		tap(equal(text_file_type(paths[i].path), paths[i].type),
		    "type of '%s'", paths[i].path);
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		const char *bytes = starts[i].bytes;
		size_t n = strlen(bytes);

		tap(equal(text_file_refuses(bytes, n, &why), starts[i].code) &&
			text_file_looks_like_json(bytes, n) == starts[i].json,
		    "start %d", (int)i + 1);
	}
	for (size_t i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		buf_reset(&out, 4096);
		text_file_join_url(&out, urls[i].base, urls[i].path);
		tap(strcmp(out.data, urls[i].url) == 0, "%s", urls[i].url);
	}
	tap(!text_file_is_binary("plain \xC3\xA9\n", 9) &&
		!text_file_is_binary("", 0),
	    "text is not binary");
	tap(text_file_is_binary("\0\1\2\3", 4) &&
		text_file_is_binary("\xFF\xD8\xFF", 3),
	    "bytes are");
	tap(!text_file_is_binary("one NUL\0 in a long line", 23),
	    "one NUL does not make it so");
	buf_free(&out);
	return tap_done();
}
