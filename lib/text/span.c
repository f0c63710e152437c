#include "text/span.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	TICKS_MAX = 32,	 /* longer runs of backticks open no code span */
	NEST_MAX = 16,	 /* brackets within brackets, parentheses in links */
	LINK_MAX = 4096, /* bytes of a link's target, a tag or math */
};

/* The state of the search. It keeps results, so that time is linear. */
struct finder {
	struct spans *spans;
	const char *text;
	size_t n;
	size_t open[NEST_MAX]; /* a ring: offsets of [ that are not closed */
	unsigned top, opened;
	uint64_t no_ticks; /* bit k: no run of k backticks is ahead */
	size_t angle;	   /* the next > and ), as last found, or n */
	size_t parenthesis;
	int no_dollar;
};

static void
add_span(struct spans *s, size_t start, size_t end)
{
	/* A span inside the last one adds nothing; a wider one replaces it. */
	while (s->count > 0 && s->list[s->count - 1].start >= start)
		s->count--;
	if (s->count > 0 && s->list[s->count - 1].end >= end)
		return;
	s->list = x_grow(s->list, s->count, &s->cap, sizeof(*s->list));
	s->list[s->count++] = (struct span){(uint32_t)start, (uint32_t)end};
}

static size_t
run(const struct finder *f, size_t at, char c)
{
	size_t i = at;

	while (i < f->n && f->text[i] == c)
		i++;
	return i - at;
}

/* The next c behind i, or n; *known is the result of the last search. */
static size_t
find_next(const struct finder *f, size_t i, char c, size_t *known)
{
	if (*known <= i) {
		const char *p = memchr(f->text + i, c, f->n - i);

		*known = p ? (size_t)(p - f->text) : f->n;
	}
	return *known;
}

/* Add the code span at i. The offset behind it, or behind the backticks. */
static size_t
find_code(struct finder *f, size_t i)
{
	size_t length = run(f, i, '`'), k = i + length;

	if (length >= TICKS_MAX || (f->no_ticks >> length & 1))
		return k;
	while (k < f->n) {
		const char *tick = memchr(f->text + k, '`', f->n - k);
		size_t other;

		if (tick == NULL)
			break;
		k = (size_t)(tick - f->text);
		other = run(f, k, '`');
		k += other;
		if (other == length) {
			add_span(f->spans, i, k);
			return k;
		}
	}
	f->no_ticks |= (uint64_t)1 << length;
	return i + length;
}

/* Add the HTML tag or autolink that the < at i may open. Returns i + 1. */
static size_t
find_tag(struct finder *f, size_t i)
{
	char c = i + 1 < f->n ? f->text[i + 1] : ' ';
	size_t close;

	if (!(((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '/' ||
		c == '!' || c == '?'))
		return i + 1;
	close = find_next(f, i, '>', &f->angle);
	/* A "<" in running text is rarely closed soon. */
	if (close < f->n && close - i <= LINK_MAX)
		add_span(f->spans, i, close + 1);
	return i + 1;
}

/* Add the inline math at i. The offset behind it, or behind the dollars. */
static size_t
find_math(struct finder *f, size_t i)
{
	const char *text = f->text;
	size_t n = f->n, length = run(f, i, '$'), k = i + length;
	size_t limit = n - i > LINK_MAX ? i + LINK_MAX : n;

	if (length > 2 || f->no_dollar || k >= n || text[k] == ' ')
		return k;
	while (k < limit) {
		const char *d = memchr(text + k, '$', limit - k);

		if (d == NULL)
			break;
		k = (size_t)(d - text);
		if (run(f, k, '$') >= length) {
			/* "$5 and $6" is not math: a space is before the $. */
			if (text[k - 1] == ' ' ||
			    (k + length < n && text[k + length] >= '0' &&
				text[k + length] <= '9'))
				return i + length;
			add_span(f->spans, i, k + length);
			return k + length;
		}
		k++;
	}
	if (limit == n)
		f->no_dollar = 1;
	return i + length;
}

/* The end of the target in parentheses that opens at i, or 0. */
static size_t
target_end(struct finder *f, size_t i)
{
	size_t limit = f->n - i >= LINK_MAX ? i - 1 + LINK_MAX : f->n;
	unsigned nested = 0;

	if (find_next(f, i, ')', &f->parenthesis) >= limit)
		return 0;
	for (size_t k = i; k < limit && nested <= NEST_MAX; k++) {
		char c = f->text[k];

		if (c == '(')
			nested++;
		else if (c == ')' && --nested == 0)
			return k + 1;
		else if (c == '\\')
			k++;
		else if (c == '\n' && k + 1 < limit && f->text[k + 1] == '\n')
			break;
	}
	return 0;
}

/* The end of the link whose text ends with the ] at i, or 0. */
static size_t
link_end(struct finder *f, size_t i)
{
	size_t limit = f->n - i > LINK_MAX ? i + LINK_MAX : f->n;
	const char *close;

	if (i + 1 >= f->n)
		return 0;
	if (f->text[i + 1] == '(')
		return target_end(f, i + 1);
	if (f->text[i + 1] != '[')
		return 0;
	close = memchr(f->text + i + 1, ']', limit - i - 1);
	return close ? (size_t)(close - f->text) + 1 : 0;
}

static void
open_link(struct finder *f, size_t i)
{
	f->open[f->top++ % NEST_MAX] = i;
	if (f->opened < NEST_MAX)
		f->opened++;
}

/* Add the link whose text the ] at i may close. Returns where to go on. */
static size_t
find_link(struct finder *f, size_t i)
{
	size_t end, start;

	if (f->opened == 0)
		return i + 1;
	f->opened--;
	start = f->open[--f->top % NEST_MAX];
	end = link_end(f, i);
	if (end == 0)
		return i + 1;
	if (start > 0 && f->text[start - 1] == '!')
		start--;
	add_span(f->spans, start, end);
	return end;
}

/* The next character from i on that may open or close a span, or n. */
static size_t
find_mark(const struct finder *f, size_t i)
{
	static const uint8_t marks[256] = {
	    ['\\'] = 1, ['`'] = 1, ['<'] = 1, ['$'] = 1, ['['] = 1, [']'] = 1};

	while (i < f->n && !marks[(unsigned char)f->text[i]])
		i++;
	return i;
}

void
span_find(struct spans *s, const char *text, size_t n)
{
	struct finder f = {.spans = s, .text = text, .n = n};
	size_t i = 0;

	s->count = 0;
	while ((i = find_mark(&f, i)) < n) {
		switch (text[i]) {
		case '\\':
			i += 2;
			break;
		case '`':
			i = find_code(&f, i);
			break;
		case '<':
			i = find_tag(&f, i);
			break;
		case '$':
			i = find_math(&f, i);
			break;
		case '[':
			open_link(&f, i++);
			break;
		default:
			i = find_link(&f, i);
		}
	}
}

void
span_free(struct spans *s)
{
	free(s->list);
	*s = (struct spans){0};
}
