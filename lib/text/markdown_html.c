#include "text/markdown_html.h"

#include <stdlib.h>
#include <string.h>

#include "text/markdown_chars.h"
#include "text/markdown_scan.h"

/* Whether c is one of the characters in set; a NUL is not. */
static int
is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

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

/* Read the tag name at an offset, in lower case. Its length; 0: too long. */
static size_t
tag_name(const struct markdown_scan *s, size_t at, char name[static 16])
{
	size_t n = 0;
	char c = markdown_scan_peek(s, at);

	while (is_alpha(c) || (n > 0 && is_digit(c))) {
		if (n == 15)
			return 0;
		name[n++] = (char)(c | (is_alpha(c) ? 0x20 : 0));
		c = markdown_scan_peek(s, at + n);
	}
	name[n] = '\0';
	return n;
}

/* The offset behind the attribute at i, or 0 if it is malformed. */
static size_t
skip_attribute(const struct markdown_scan *s, size_t i)
{
	size_t name = i;
	char c = markdown_scan_peek(s, i);

	if (!is_alpha(c) && c != '_' && c != ':')
		return 0;
	while (is_alpha(c) || is_digit(c) || is_one_of(c, "_.:-"))
		c = markdown_scan_peek(s, ++i);
	name = i;
	while (is_space(markdown_scan_peek(s, i)))
		i++;
	if (markdown_scan_peek(s, i) != '=')
		return name;
	i++;
	while (is_space(markdown_scan_peek(s, i)))
		i++;
	c = markdown_scan_peek(s, i);
	if (c == '"' || c == '\'') {
		const char *q;

		if (i + 1 >= s->end)
			return 0;
		q = memchr(s->text + i + 1, c, s->end - i - 1);
		return q ? (size_t)(q - s->text) + 1 : 0;
	}
	name = i;
	while (c != '\n' && !is_space(c) && !is_one_of(c, "\"'=<>`"))
		c = markdown_scan_peek(s, ++i);
	return i > name ? i : 0;
}

/* Whether a complete open or closing tag stands alone on the line. */
static int
is_lone_tag(const struct markdown_scan *s)
{
	size_t i = s->first + 1;
	int closing = markdown_scan_peek(s, i) == '/';

	i += (size_t)closing;
	if (!is_alpha(markdown_scan_peek(s, i)))
		return 0;
	while (is_alpha(markdown_scan_peek(s, i)) ||
	       is_digit(markdown_scan_peek(s, i)) ||
	       markdown_scan_peek(s, i) == '-')
		i++;
	for (;;) {
		size_t space = i;

		while (is_space(markdown_scan_peek(s, i)))
			i++;
		if (markdown_scan_peek(s, i) == '>' ||
		    markdown_scan_peek(s, i) == '/' || closing)
			break;
		if (i == space)
			return 0;
		i = skip_attribute(s, i);
		if (i == 0)
			return 0;
	}
	if (!closing && markdown_scan_peek(s, i) == '/')
		i++;
	return markdown_scan_peek(s, i) == '>' &&
	       markdown_scan_is_blank_from(s, i + 1);
}

/* The type of the HTML block that starts at first (spec, 4.6), or 0. */
char
markdown_html_start(const struct markdown_scan *s, int in_paragraph)
{
	static const char cdata[] = "[CDATA[";
	size_t i = s->first + 1;
	char name[16], after;
	size_t n;

	if (markdown_scan_peek(s, i) == '!') {
		if (markdown_scan_peek(s, i + 1) == '-' &&
		    markdown_scan_peek(s, i + 2) == '-')
			return 2;
		if (is_alpha(markdown_scan_peek(s, i + 1)))
			return 4;
		if (s->end - i > sizeof(cdata) - 1 &&
		    memcmp(s->text + i + 1, cdata, sizeof(cdata) - 1) == 0)
			return 5;
		return 0;
	}
	if (markdown_scan_peek(s, i) == '?')
		return 3;
	n = tag_name(s, i + (markdown_scan_peek(s, i) == '/'), name);
	after =
	    markdown_scan_peek(s, i + (markdown_scan_peek(s, i) == '/') + n);
	if (n > 0 && (is_space(after) || after == '\n' || after == '>') &&
	    markdown_scan_peek(s, i) != '/' && has_tag(name, raw_tags, 4))
		return 1;
	if (n > 0 &&
	    (is_space(after) || after == '\n' || after == '>' ||
		(after == '/' && markdown_scan_peek(
				     s, i + (markdown_scan_peek(s, i) == '/') +
					    n + 1) == '>')) &&
	    has_tag(name, block_tags, sizeof(block_tags) / sizeof(*block_tags)))
		return 6;
	return !in_paragraph && is_lone_tag(s) ? 7 : 0;
}

/* Whether the line has what, which is in lower case, in either case. */
static int
line_holds(const struct markdown_scan *s, const char *what)
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
int
markdown_html_ends(const struct markdown_scan *s)
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
