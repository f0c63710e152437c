#include "source/text_file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yyjson.h>

#include "base/utf8.h"
#include "source/page.h"
#include "source/state.h"

enum { TITLE_MAX = 200, SNIFF = 1 << 16 };

/* Whether c is one of the characters of set. */
static int
is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Titles. */

static struct document_text
trim(struct document_text t)
{
	while (t.n > 0 && is_in(t.s[t.n - 1], " \t\r\n"))
		t.n--;
	while (t.n > 0 && is_in(*t.s, " \t\r\n")) {
		t.s++;
		t.n--;
	}
	t.n = utf8_floor(t.s, t.n, t.n < TITLE_MAX ? t.n : TITLE_MAX);
	return t;
}

/* The next line of *rest, without its end. 0 when there is none. */
static int
take_line(struct document_text *rest, struct document_text *line)
{
	const char *end;

	if (rest->n == 0)
		return 0;
	end = memchr(rest->s, '\n', rest->n);
	line->s = rest->s;
	line->n = end ? (size_t)(end - rest->s) : rest->n;
	rest->s += line->n + (end != NULL);
	rest->n -= line->n + (end != NULL);
	if (line->n > 0 && line->s[line->n - 1] == '\r')
		line->n--;
	return 1;
}

static size_t
indent_of(struct document_text line)
{
	size_t n = 0;

	while (n < line.n && line.s[n] == ' ')
		n++;
	return n;
}

/* How many c begin the line, behind at most 3 spaces. */
static size_t
run_of(struct document_text line, char c)
{
	size_t i = indent_of(line), n = 0;

	if (i > 3)
		return 0;
	while (i + n < line.n && line.s[i + n] == c)
		n++;
	return n;
}

/* The text of an ATX heading ("## Text ##"), or none. */
static struct document_text
atx_heading(struct document_text line)
{
	size_t i = indent_of(line), level = run_of(line, '#');
	struct document_text t = {0};

	if (level == 0 || level > 6)
		return t;
	i += level;
	if (i < line.n && line.s[i] != ' ' && line.s[i] != '\t')
		return t;
	t = trim((struct document_text){line.s + i, line.n - i});
	while (t.n > 0 && t.s[t.n - 1] == '#')
		t.n--;
	return trim(t);
}

/* Whether line underlines a heading: only '=' or only '-'. */
static int
is_underline(struct document_text line)
{
	struct document_text t = trim(line);

	return t.n > 0 &&
	       (run_of(t, '=') == t.n || (t.n > 1 && run_of(t, '-') == t.n));
}

/*
 * Skip front matter ("---" ... "---") at the start of *rest. Returns the value
 * of its "title:" line, or none.
 */
static struct document_text
front_matter(struct document_text *rest)
{
	struct document_text at = *rest, line, title = {0};

	if (!take_line(&at, &line) || line.n != 3 ||
	    memcmp(line.s, "---", 3) != 0)
		return title;
	while (take_line(&at, &line)) {
		if (line.n == 3 && memcmp(line.s, "---", 3) == 0) {
			*rest = at;
			return title;
		}
		if (line.n > 6 && memcmp(line.s, "title:", 6) == 0) {
			title = trim(
			    (struct document_text){line.s + 6, line.n - 6});
			if (title.n > 1 && strchr("\"'", *title.s) &&
			    title.s[title.n - 1] == *title.s)
				title = (struct document_text){
				    title.s + 1, title.n - 2};
		}
	}
	return (struct document_text){0};
}

/* The first heading outside of code, else the first line with text. */
static struct document_text
markdown_title(struct document_text text)
{
	struct document_text title = front_matter(&text), line, before = {0};
	struct document_text first = {0};
	size_t fence = 0;
	char mark = 0;

	while (title.n == 0 && take_line(&text, &line)) {
		size_t ticks = run_of(line, '`'), tildes = run_of(line, '~');

		if (fence > 0) {
			if ((mark == '`' ? ticks : tildes) >= fence)
				fence = 0;
			continue;
		}
		if (ticks >= 3 || tildes >= 3) {
			mark = ticks >= 3 ? '`' : '~';
			fence = ticks >= 3 ? ticks : tildes;
			continue;
		}
		title = atx_heading(line);
		if (title.n == 0 && before.n > 0 && is_underline(line))
			title = before;
		before = trim(line);
		if (first.n == 0)
			first = before;
	}
	return title.n > 0 ? title : first;
}

static struct document_text
first_line(struct document_text text)
{
	struct document_text line = {0};

	while (take_line(&text, &line))
		if (trim(line).n > 0)
			break;
	return trim(line);
}

static const char *
find_tag(const char *s, const char *end, const char *name)
{
	size_t n = strlen(name), i;

	for (; s + n <= end; s++) {
		for (i = 0; i < n && (s[i] | 0x20) == (name[i] | 0x20); i++)
			;
		if (i == n)
			return s;
	}
	return NULL;
}

/* The text between <title> and </title>, unchanged. */
static struct document_text
html_title(struct document_text text)
{
	const char *limit = text.s + (text.n < SNIFF ? text.n : SNIFF);
	const char *from = find_tag(text.s, limit, "<title"), *to;

	if (from != NULL)
		from = memchr(from, '>', (size_t)(limit - from));
	if (from == NULL)
		return (struct document_text){0};
	to = find_tag(++from, limit, "</title");
	if (to == NULL)
		return (struct document_text){0};
	return trim((struct document_text){from, (size_t)(to - from)});
}

/*
 * Append t with the five basic entities of HTML replaced by their characters.
 */
static void
add_unescaped(struct buf *out, struct document_text t)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'},
	    {"&quot;", '"'}, {"&#39;", '\''}};
	size_t i = 0, k;

	while (i < t.n) {
		for (k = 0; k < sizeof(entities) / sizeof(*entities); k++) {
			size_t n = strlen(entities[k].name);

			if (t.n - i >= n &&
			    memcmp(t.s + i, entities[k].name, n) == 0) {
				buf_putc(out, entities[k].c);
				i += n;
				break;
			}
		}
		if (k == sizeof(entities) / sizeof(*entities)) {
			char c = t.s[i++];

			buf_putc(out, (char)(c == '\n' || c == '\r' ? ' ' : c));
		}
	}
}

/* {"metadata":{"path":...,"mtime":"2026-01-31T12:00:00Z"}} */
static yyjson_doc *
describe_file(const char *path, time_t mtime)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_val *to = yyjson_mut_obj(doc);
	yyjson_doc *copy;
	struct tm tm;
	char when[64];

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_val(doc, root, "metadata", to);
	if (path != NULL) {
		yyjson_mut_obj_add_str(doc, to, "path", path);
		if (gmtime_r(&mtime, &tm) != NULL &&
		    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm))
			yyjson_mut_obj_add_strcpy(doc, to, "mtime", when);
	}
	copy = yyjson_mut_doc_imut_copy(doc, NULL);
	yyjson_mut_doc_free(doc);
	return copy;
}

void
text_file_read(struct source *s, const char *path, time_t mtime,
    const char *type, struct document_text text)
{
	struct document_defaults defaults = page_next(s);
	struct document d = {
	    .content = text, .content_type = document_text(type)};
	struct buf title = {0}, clean = {0};
	yyjson_doc *object;
	size_t first;

	if (path != NULL)
		utf8_repair(&clean, path, strlen(path), &first);
	object = describe_file(path != NULL ? clean.data : NULL, mtime);
	d.object = yyjson_doc_get_root(object);
	d.metadata = yyjson_obj_get(d.object, "metadata");
	d.source = document_text(defaults.source);
	d.url = (struct document_text){s->origin.data, s->origin.len};
	if (strcmp(type, "text/markdown") == 0)
		d.title = markdown_title(text);
	else if (strcmp(type, "text/html") == 0)
		d.title = html_title(text);
	else
		d.title = first_line(text);
	if (d.title.n > 0 && strcmp(type, "text/html") == 0) {
		add_unescaped(&title, d.title);
		d.title = (struct document_text){title.data, title.len};
	}
	if (d.title.n == 0)
		d.title.s = NULL;
	document_identify(&d);
	page_give(s, &d);
	yyjson_doc_free(object);
	buf_free(&title);
	buf_free(&clean);
}

/* Types by names and by first bytes. */

static const struct {
	const char *type;
	const char *suffixes; /* each between two blanks */
} types[] = {
    {"text/markdown", " md markdown mdown mkd mdwn mdx "},
    {"text/html", " html htm xhtml "},
    {"application/json", " json jsonl ndjson jsonlines "},
    {"text/plain", " txt text rst adoc asciidoc org log tex csv tsv "},
    {"", " png jpg jpeg gif webp avif ico bmp tif tiff svg psd heic mp3 mp4 "
	 "m4a ogg wav flac avi mov mkv webm woff woff2 ttf otf eot css js mjs "
	 "map wasm o a so dylib dll exe class jar pyc db sqlite sqlite3 lock "},
};

const char *
text_file_type(const char *path)
{
	const char *name = strrchr(path, '/'), *dot;
	char key[16] = " ";
	size_t n;

	name = name ? name + 1 : path;
	dot = strrchr(name, '.');
	if (dot == NULL || dot == name || dot[1] == '\0')
		return NULL;
	n = strlen(dot + 1);
	if (n + 3 > sizeof(key))
		return NULL;
	for (size_t i = 0; i < n; i++)
		key[i + 1] = (char)(dot[i + 1] >= 'A' && dot[i + 1] <= 'Z'
					? dot[i + 1] | 0x20
					: dot[i + 1]);
	key[n + 1] = ' ';
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strstr(types[i].suffixes, key) != NULL)
			return types[i].type;
	return NULL;
}

static const struct magic {
	const char *bytes;
	size_t n;
	const char *code, *why;
} magics[] = {
    {"WARC/", 5, "unsupported_format",
	"a WARC or WET file, which is not read: convert it to JSON "
	"lines with url and content"},
    {"\x1F\x8B", 2, "compressed",
	"compressed by gzip: gzip -dc FILE | pl-ingest -"},
    {"\x28\xB5\x2F\xFD", 4, "compressed",
	"compressed by zstd: zstd -dc FILE | pl-ingest -"},
    {"\xFD"
     "7zXZ",
	5, "compressed", "compressed by xz: xz -dc FILE | pl-ingest -"},
    {"BZh", 3, "compressed",
	"compressed by bzip2: bzip2 -dc FILE | pl-ingest -"},
    {"%PDF-", 5, "unsupported_format",
	"a PDF file: convert it first, for example with pdftotext"},
    {"PK\x03\x04", 4, "unsupported_format",
	"a zip, office or e-book file: convert it first, for example with "
	"pandoc -t markdown"},
    {"PAR1", 4, "unsupported_format",
	"a Parquet file: write it as JSON lines first"},
    {"{\\rtf", 5, "unsupported_format",
	"a rich text file: convert it first, for example with pandoc"},
    {"\xFF\xFE", 2, "not_utf8",
	"UTF-16 text: iconv -f UTF-16 -t UTF-8 FILE | pl-ingest -"},
    {"\xFE\xFF", 2, "not_utf8",
	"UTF-16 text: iconv -f UTF-16 -t UTF-8 FILE | pl-ingest -"},
};

const char *
text_file_refuses(const char *bytes, size_t n, const char **why)
{
	const char *end = bytes + (n < 4096 ? n : 4096);

	for (size_t i = 0; i < sizeof(magics) / sizeof(*magics); i++)
		if (n >= magics[i].n &&
		    memcmp(bytes, magics[i].bytes, magics[i].n) == 0) {
			*why = magics[i].why;
			return magics[i].code;
		}
	while (bytes < end && is_in(*bytes, " \t\r\n\xEF\xBB\xBF"))
		bytes++;
	if (bytes == end || *bytes != '<')
		return NULL;
	if (find_tag(bytes, end, "<urlset") ||
	    find_tag(bytes, end, "<sitemapindex")) {
		*why = "a sitemap: a list of pages to fetch, not their text; "
		       "crawl the site it belongs to";
		return "unsupported_format";
	}
	return NULL;
}

int
text_file_looks_like_json(const char *bytes, size_t n)
{
	size_t i = 0;

	if (n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
		i = 3;
	while (i < n && is_in(bytes[i], " \t\r\n\x1E"))
		i++;
	if (i == n || (bytes[i] != '{' && bytes[i] != '['))
		return 0;
	for (i++; i < n && is_in(bytes[i], " \t\r\n"); i++)
		;
	return i < n && is_in(bytes[i], "{}[]\"");
}

int
text_file_is_binary(const char *bytes, size_t n)
{
	size_t bad = 0, i = 0;

	/* The first part of a file may end within a character. */
	if (n > SNIFF)
		n = SNIFF;
	while (i < n) {
		uint32_t code;
		unsigned char c = (unsigned char)bytes[i];
		size_t k = utf8_step(bytes + i, n - i, &code);

		if ((c < ' ' && !is_in((char)c, "\t\n\r\f\x1B\b")) ||
		    (k == 1 && c >= 0x80))
			bad++;
		i += k;
	}
	return bad * 10 > n;
}

void
text_file_join_url(struct buf *out, const char *base, const char *path)
{
	static const char safe[] = "-._~!$&'()*+,;=:@/";

	buf_puts(out, base);
	if (*path != '\0' && out->len > 0 && out->data[out->len - 1] != '/')
		buf_putc(out, '/');
	for (; *path != '\0'; path++) {
		unsigned char c = (unsigned char)*path;

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || strchr(safe, c) != NULL)
			buf_putc(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}
