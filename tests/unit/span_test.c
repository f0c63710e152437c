/* span: the parts of running text that stay whole */
#include "text/span.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

/* The spans of a text stand between { and } in what is wanted. */
static const struct {
	const char *name, *text, *wanted;
} cases[] = {
    {"nothing", "", ""},
    {"words", "one two", "one two"},
    {"a link", "a [b](c) d", "a {[b](c)} d"},
    {"an image takes its mark along", "a ![b](c) d", "a {![b](c)} d"},
    {"parentheses in a target", "[a](b(c)d) e", "{[a](b(c)d)} e"},
    {"an escaped one", "[a](b\\)c) e", "{[a](b\\)c)} e"},
    {"a target that is not closed", "[a](b c", "[a](b c"},
    {"a target ends before a blank line", "[a](b\n\nc)", "[a](b\n\nc)"},
    {"a link by reference", "[a][b] c", "{[a][b]} c"},
    {"brackets alone are no link", "[a] b", "[a] b"},
    {"an image in a link is within it", "[![a](b)](c) d", "{[![a](b)](c)} d"},
    {"a code span", "a `b c` d", "a {`b c`} d"},
    {"by two backticks, with one inside", "``a ` b`` c", "{``a ` b``} c"},
    {"backticks that do not match", "``a ` b", "``a ` b"},
    {"what looks like a link in code", "`[a](b` c)", "{`[a](b`} c)"},
    {"an escaped backtick", "\\`a b` c", "\\`a b` c"},
    {"a tag", "a <b c=\"d\"> e", "a {<b c=\"d\">} e"},
    {"a closing tag, a comment", "</b> <!-- c -->", "{</b>} {<!-- c -->}"},
    {"an autolink", "<https://a.b/c d>", "{<https://a.b/c d>}"},
    {"a comparison", "a < b > c", "a < b > c"},
    {"math", "a $b c$ d", "a {$b c$} d"},
    {"by two dollars", "$$a $ b$$ c", "{$$a $ b$$} c"},
    {"prices", "$5 and $6", "$5 and $6"},
    {"a space behind a dollar", "a $ b$ c", "a $ b$ c"},
    {"in order", "`a` [b](c) <d>", "{`a`} {[b](c)} {<d>}"},
};

/* The text with its spans marked, or where two are out of order, "". */
static void
mark(const struct spans *s, const char *text, char *out)
{
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < s->count; i++) {
		if (s->list[i].start < at || s->list[i].end <= s->list[i].start)
			return;
		at = s->list[i].end;
	}
	for (size_t i = 0, k = 0; i <= strlen(text); i++) {
		if (k < s->count && s->list[k].end == i) {
			*out++ = '}';
			k++;
		}
		if (k < s->count && s->list[k].start == i)
			*out++ = '{';
		*out++ = text[i];
	}
}

/* What is looked for and not found must not be looked for again and again. */
static void
test_long(struct spans *s)
{
	enum { LENGTH = 4 << 20 };
	static const char *const parts[] = {
	    "[", "`", "<a ", "$x ", "[a](", "![", "\\", "]"};
	char *text = malloc(LENGTH);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t n = strlen(parts[i]);

		for (size_t k = 0; k < LENGTH; k++)
			text[k] = parts[i][k % n];
		span_find(s, text, LENGTH);
		tap(s->count == 0, "4 MB of '%s' have no span: %zu", parts[i],
		    s->count);
	}
	free(text);
}

int
main(void)
{
	struct spans s = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char got[256];

		span_find(&s, cases[i].text, strlen(cases[i].text));
		mark(&s, cases[i].text, got);
		tap(strcmp(got, cases[i].wanted) == 0, "%s: %s", cases[i].name,
		    got);
	}
	test_long(&s);
	span_free(&s);
	tap(s.list == NULL && s.count == 0, "freed, it can be used again");
	return tap_done();
}
