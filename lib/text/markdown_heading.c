#include "text/markdown_heading.h"

#include <string.h>

#include "base/buf.h"
#include "text/markdown.h"
#include "text/markdown_chars.h"

/* The range of a heading's text without its markers. */
static void
heading_range(
    const char *text, const struct markdown_block *h, size_t *from, size_t *to)
{
	size_t i = h->start, end = h->end, k;

	while (i < end && is_space(text[i]))
		i++;
	while (end > i && is_space(text[end - 1]))
		end--;
	/* The last line of a setext heading is its underline. */
	k = i;
	if (end > i && (text[end - 1] == '=' || text[end - 1] == '-'))
		for (k = end; k > i && text[k - 1] != '\n';)
			k--;
	if (k > i) {
		*from = i;
		*to = k;
		return;
	}
	while (i < end && text[i] == '#')
		i++;
	for (k = end; k > i && text[k - 1] == '#'; k--)
		;
	if (k == i || is_space(text[k - 1]))
		end = k;
	*from = i;
	*to = end;
}

/* The offset behind the next closing bracket from i on, if near; else 0. */
static size_t
skip_bracket(const char *text, size_t i, size_t end, char close)
{
	const char *p;

	if (end - i > 1000)
		end = i + 1000;
	p = memchr(text + i, close, end - i);
	return p ? (size_t)(p - text) + 1 : 0;
}

/* The end of the markup at i, which is not part of a heading's words, or i. */
static size_t
skip_markup(const char *text, size_t i, size_t end)
{
	size_t to = 0;

	switch (text[i]) {
	case '*':
		return i + 1;
	case '[':
		return i + 1;
	case '!':
		return i + 1 < end && text[i + 1] == '[' ? i + 2 : i;
	case ']':
		if (i + 1 < end && text[i + 1] == '(')
			to = skip_bracket(text, i, end, ')');
		else if (i + 1 < end && text[i + 1] == '[')
			to = skip_bracket(text, i + 1, end, ']');
		return to ? to : i + 1;
	case '<':
		if (i + 1 < end &&
		    (is_alpha(text[i + 1]) || text[i + 1] == '/' ||
			text[i + 1] == '!'))
			to = skip_bracket(text, i, end, '>');
		return to ? to : i;
	case '{':
		if (i + 1 < end && (text[i + 1] == '#' || text[i + 1] == ':'))
			to = skip_bracket(text, i, end, '}');
		return to ? to : i;
	default:
		return i;
	}
}

/* Whether a byte of a heading may be markup, or is replaced by a space. */
static int
may_be_markup(char c)
{
	static const char special[256] = {['\t'] = 1,
	    ['\n'] = 1,
	    ['\r'] = 1,
	    ['*'] = 1,
	    ['['] = 1,
	    ['!'] = 1,
	    [']'] = 1,
	    ['<'] = 1,
	    ['{'] = 1};

	return special[(unsigned char)c];
}

void
markdown_heading_text(
    struct buf *out, const char *text, const struct markdown_block *h)
{
	size_t i, end, k;
	char *to, *begin, c, last = ' ';

	heading_range(text, h, &i, &end);
	begin = to = buf_reserve(out, end - i);
	while (i < end) {
		c = text[i];
		if (may_be_markup(c)) {
			k = skip_markup(text, i, end);
			if (k > i) {
				i = k;
				continue;
			}
			c = c == '\t' || c == '\n' || c == '\r' ? ' ' : c;
		}
		/* No branch on the ends of words: they cannot be predicted. */
		*to = c;
		to += !((c == ' ') & (last == ' '));
		last = c;
		i++;
	}
	if (to > begin && to[-1] == ' ')
		to--;
	*to = '\0';
	out->len += (size_t)(to - begin);
}
