#include "split.h"

#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "utf8.h"
#include "xalloc.h"

enum {
	TICKS_MAX = 32,	 /* longer runs of backticks open no code span */
	NEST_MAX = 16,	 /* brackets within brackets */
	LINK_MAX = 4096, /* bytes of a link's target */
	ABBREVIATION_MAX = 12,
	ITEM_DIGITS = 3 /* four are a year */
};

/*
 * Words that a full stop follows without ending the sentence, in lower case,
 * sorted. Single letters ("J. Doe", "z. B.") need no entry.
 */
static const char *const abbreviations[] = {"abb", "abs", "al", "approx", "art",
    "bd", "bspw", "bzw", "ca", "cap", "cf", "ch", "chap", "co", "col", "corp",
    "dept", "dr", "ed", "eds", "eg", "esp", "etc", "ev", "evtl", "ex", "fig",
    "figs", "gen", "ggf", "hr", "hrsg", "ie", "inc", "inkl", "jr", "lt", "ltd",
    "max", "min", "mio", "mr", "mrs", "ms", "mt", "nr", "no", "nos", "op", "p",
    "par", "pp", "prof", "rev", "sec", "sog", "sr", "sra", "st", "str", "tab",
    "u.s", "usw", "vgl", "vol", "vols", "vs", "z.b",
    "\xD0\xB3\xD0\xB3", /* Russian: gg, ris, sm, str, tab */
    "\xD1\x80\xD0\xB8\xD1\x81", "\xD1\x81\xD0\xBC", "\xD1\x81\xD1\x82\xD1\x80",
    "\xD1\x82\xD0\xB0\xD0\xB1\xD0\xBB"};

static void
add_span(struct split *s, size_t start, size_t end)
{
	/* A span inside the last one adds nothing; a wider one replaces it. */
	while (s->count > 0 && s->spans[s->count - 1].start >= start)
		s->count--;
	if (s->count > 0 && s->spans[s->count - 1].end >= end)
		return;
	if (s->count == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 16;
		s->spans = x_realloc(s->spans, s->cap, sizeof(*s->spans));
	}
	s->spans[s->count++] =
	    (struct split_span){(uint32_t)start, (uint32_t)end};
}

/* What the search for spans remembers, so that it never looks twice. */
struct finder {
	struct split *s;
	size_t open[NEST_MAX]; /* offsets of [ that are not closed */
	unsigned opened;
	uint64_t no_ticks; /* bit k: no run of k backticks is ahead */
	int no_angle, no_dollar;
};

static size_t
run(const char *text, size_t n, size_t at, char c)
{
	size_t i = at;

	while (i < n && text[i] == c)
		i++;
	return i - at;
}

/* Behind the code span that opens at i, or behind its opening backticks. */
static size_t
find_code(struct finder *f, size_t i)
{
	const char *text = f->s->text;
	size_t n = f->s->n, length = run(text, n, i, '`'), k = i + length;

	if (length >= TICKS_MAX || (f->no_ticks >> length & 1))
		return k;
	while (k < n) {
		const char *tick = memchr(text + k, '`', n - k);
		size_t other;

		if (tick == NULL)
			break;
		k = (size_t)(tick - text);
		other = run(text, n, k, '`');
		k += other;
		if (other == length) {
			add_span(f->s, i, k);
			return k;
		}
	}
	f->no_ticks |= (uint64_t)1 << length;
	return i + length;
}

/* Behind an HTML tag or autolink that opens at i, or i + 1. */
static size_t
find_tag(struct finder *f, size_t i)
{
	const char *text = f->s->text, *close;
	size_t n = f->s->n;
	char c = i + 1 < n ? text[i + 1] : ' ';

	if (f->no_angle || !(((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
			       c == '/' || c == '!' || c == '?'))
		return i + 1;
	close = memchr(text + i, '>', n - i);
	if (close == NULL) {
		f->no_angle = 1;
		return i + 1;
	}
	/* A "<" in running text is rarely closed soon. */
	if (close - (text + i) > LINK_MAX)
		return i + 1;
	add_span(f->s, i, (size_t)(close - text) + 1);
	return i + 1;
}

/* Behind inline math that opens at i, or i + 1. */
static size_t
find_math(struct finder *f, size_t i)
{
	const char *text = f->s->text;
	size_t n = f->s->n, length = run(text, n, i, '$'), k = i + length;
	size_t limit = n - i > LINK_MAX ? i + LINK_MAX : n;

	if (length > 2 || f->no_dollar || k >= n || text[k] == ' ')
		return k;
	while (k < limit) {
		const char *d = memchr(text + k, '$', limit - k);

		if (d == NULL)
			break;
		k = (size_t)(d - text);
		if (run(text, n, k, '$') >= length) {
			/* "$5 and $6" is no math: no space before a closer. */
			if (text[k - 1] == ' ' ||
			    (k + length < n && text[k + length] >= '0' &&
				text[k + length] <= '9'))
				return i + length;
			add_span(f->s, i, k + length);
			return k + length;
		}
		k++;
	}
	if (limit == n)
		f->no_dollar = 1;
	return i + length;
}

/* Where the link whose text ends with the ] at i ends, or i + 1. */
static size_t
link_end(const struct split *s, size_t i)
{
	size_t limit = s->n - i > LINK_MAX ? i + LINK_MAX : s->n;
	const char *close;
	unsigned nested = 0;

	if (i + 1 >= s->n)
		return i + 1;
	if (s->text[i + 1] == '[') {
		close = memchr(s->text + i + 1, ']', limit - i - 1);
		return close ? (size_t)(close - s->text) + 1 : i + 1;
	}
	if (s->text[i + 1] != '(' ||
	    memchr(s->text + i, ')', limit - i) == NULL)
		return i + 1;
	for (size_t k = i + 1; k < limit; k++) {
		if (s->text[k] == '(')
			nested++;
		else if (s->text[k] == ')' && --nested == 0)
			return k + 1;
		else if (s->text[k] == '\\')
			k++;
		else if (s->text[k] == '\n' && k + 1 < limit &&
			 s->text[k + 1] == '\n')
			break;
	}
	return i + 1;
}

/* The ] at i closes a link's text, perhaps; returns where to go on. */
static size_t
find_link(struct finder *f, size_t i)
{
	size_t end, start;

	if (f->opened == 0)
		return i + 1;
	start = f->open[--f->opened];
	end = link_end(f->s, i);
	if (end > i + 1) {
		if (start > 0 && f->s->text[start - 1] == '!')
			start--;
		add_span(f->s, start, end);
	}
	return end;
}

static void
find_spans(struct split *s)
{
	struct finder f = {.s = s};
	size_t i = 0;

	while (i < s->n) {
		switch (s->text[i]) {
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
			if (f.opened == NEST_MAX) {
				memmove(f.open, f.open + 1,
				    sizeof(f.open) - sizeof(*f.open));
				f.opened--;
			}
			f.open[f.opened++] = i++;
			break;
		case ']':
			i = find_link(&f, i);
			break;
		default:
			i++;
		}
	}
}

void
split_start(struct split *s, const char *text, size_t n, int markdown)
{
	if (s->classes == NULL) {
		s->classes = x_calloc(SCRIPT_TABLE, 1);
		script_fill(s->classes);
	}
	s->text = text;
	s->n = n;
	s->count = 0;
	s->at = 0;
	if (markdown)
		find_spans(s);
}

void
split_free(struct split *s)
{
	free(s->spans);
	free(s->classes);
	*s = (struct split){0};
}

/* Whether a cut at i would part a span. */
static int
in_span(struct split *s, size_t i)
{
	while (s->at > 0 && s->spans[s->at - 1].end > i)
		s->at--;
	while (s->at < s->count && s->spans[s->at].end <= i)
		s->at++;
	return s->at < s->count && s->spans[s->at].start < i;
}

/* The class of the character at i, and its length. n gives a space. */
static enum script_class
class_at(const struct split *s, size_t i, size_t *length)
{
	uint32_t code;

	if (i >= s->n) {
		*length = 0;
		return SCRIPT_SPACE;
	}
	code = (unsigned char)s->text[i];
	*length = 1;
	if (code >= 0x80)
		*length = utf8_step(s->text + i, s->n - i, &code);
	return code < SCRIPT_TABLE ? (enum script_class)s->classes[code]
				   : script_class(code);
}

static size_t
skip_class(const struct split *s, size_t i, enum script_class class)
{
	size_t length;

	while (i < s->n && class_at(s, i, &length) == class)
		i += length;
	return i;
}

static size_t
skip_spaces(const struct split *s, size_t i)
{
	return skip_class(s, i, SCRIPT_SPACE);
}

static int
compare_word(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

/* Whether the full stop at i belongs to an abbreviation or a number. */
static int
is_abbreviation(const struct split *s, size_t i)
{
	char word[ABBREVIATION_MAX + 1];
	size_t start = i, n, digits = 0;

	while (start > 0 && i - start <= ABBREVIATION_MAX &&
	       strchr(" \t\r\n([\"'*_", s->text[start - 1]) == NULL)
		start--;
	n = i - start;
	if (n == 0 || n > ABBREVIATION_MAX)
		return 0;
	for (size_t k = 0; k < n; k++) {
		char c = s->text[start + k];

		digits += c >= '0' && c <= '9';
		word[k] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	word[n] = '\0';
	/* "1." in front of a list item; a year may end a sentence. */
	if (digits == n)
		return n <= 2 && (start == 0 || s->text[start - 1] == '\n');
	/* An initial; "I" is a word. */
	if (n == 1 && s->text[start] != 'I')
		return 1;
	if (n == 2 && (s->text[start] & 0xE0) == 0xC0)
		return 1;
	if (n >= 3 && s->text[i - 2] == '.')
		return 1;
	return bsearch(word, abbreviations,
		   sizeof(abbreviations) / sizeof(*abbreviations),
		   sizeof(*abbreviations), compare_word) != NULL;
}

static int
starts_lower(const struct split *s, size_t i)
{
	unsigned char c = i < s->n ? (unsigned char)s->text[i] : ' ';
	unsigned char d = i + 1 < s->n ? (unsigned char)s->text[i + 1] : 0;

	/* Latin; and Cyrillic, which makes up much of the rest. */
	return (c >= 'a' && c <= 'z') || (c == 0xC3 && d >= 0x9F) ||
	       (c == 0xD0 && d >= 0xB0) || (c == 0xD1 && d <= 0x9F);
}

/* Behind the closing quotes, brackets and emphasis at i. */
static size_t
skip_closers(const struct split *s, size_t i)
{
	return skip_class(s, i, SCRIPT_CLOSE);
}

/*
 * The start of the next sentence if the one that class, at i, may end does
 * end; else 0.
 */
static size_t
sentence_end(
    const struct split *s, size_t i, size_t length, enum script_class class)
{
	size_t k = i + length, next;
	enum script_class after;

	for (after = class_at(s, k, &length);
	     after == SCRIPT_STOP || after == SCRIPT_END;
	     after = class_at(s, k, &length)) {
		class = after == SCRIPT_END ? after : class;
		k += length;
	}
	k = skip_closers(s, k);
	next = skip_spaces(s, k);
	if (class == SCRIPT_END)
		return next;
	if (next == k || starts_lower(s, next))
		return 0;
	if (s->text[i] == '.' && is_abbreviation(s, i))
		return 0;
	return next;
}

static size_t
clause_end(
    const struct split *s, size_t i, size_t length, enum script_class class)
{
	size_t k = skip_closers(s, i + length), next = skip_spaces(s, k);

	return class == SCRIPT_PAUSE || next > k ? next : 0;
}

/*
 * The start of the next clause if the mark at i, which ends no sentence, as a
 * small letter follows, yet parts it; else 0.
 */
static size_t
stop_end(const struct split *s, size_t i)
{
	size_t k = skip_closers(s, skip_class(s, i, SCRIPT_STOP));
	size_t next = skip_spaces(s, k);

	if (next == k || (s->text[i] == '.' && is_abbreviation(s, i)))
		return 0;
	return next;
}

/*
 * Where a list item starts behind the line end at i: lists in plain text are
 * text, and in Markdown those that are indented too far. 0 if none does.
 */
static size_t
item_start(const struct split *s, size_t i)
{
	size_t start = i + 1, k;
	char c;

	while (
	    start < s->n && (s->text[start] == ' ' || s->text[start] == '\t'))
		start++;
	for (k = start; k < s->n && k - start < ITEM_DIGITS; k++)
		if (s->text[k] < '0' || s->text[k] > '9')
			break;
	if (k + 1 >= s->n || s->text[k + 1] != ' ')
		return 0;
	c = s->text[k];
	if (k > start ? c == '.' || c == ')' : c == '-' || c == '*' || c == '+')
		return start;
	return 0;
}

static int
is_wide(enum script_class c)
{
	return c == SCRIPT_WIDE || c == SCRIPT_WIDE_CLOSE ||
	       c == SCRIPT_WIDE_OPEN || c == SCRIPT_SYLLABLE;
}

/* Whether a line may break between a and b, no space between them. */
static int
may_break(enum script_class a, enum script_class b)
{
	if (b == SCRIPT_WIDE_CLOSE || b == SCRIPT_CLOSE || b == SCRIPT_END ||
	    b == SCRIPT_PAUSE || b == SCRIPT_STOP || b == SCRIPT_CLAUSE ||
	    b == SCRIPT_EXTEND || b == SCRIPT_VIRAMA || b == SCRIPT_JOINER ||
	    b == SCRIPT_SPACE)
		return 0;
	if (a == SCRIPT_WIDE_OPEN || a == SCRIPT_OPEN || a == SCRIPT_JOINER)
		return 0;
	if (a == SCRIPT_END || a == SCRIPT_PAUSE)
		return 1;
	/* Korean breaks at spaces. */
	if (a == SCRIPT_SYLLABLE || b == SCRIPT_SYLLABLE)
		return 0;
	return is_wide(a) || is_wide(b);
}

/* Whether a and b belong to one grapheme cluster (UAX 29, condensed). */
static int
joins(enum script_class a, enum script_class b, unsigned regions)
{
	if (b == SCRIPT_EXTEND || b == SCRIPT_VIRAMA || b == SCRIPT_JOINER)
		return a != SCRIPT_SPACE;
	switch (a) {
	case SCRIPT_JOINER:
		return b == SCRIPT_OTHER;
	case SCRIPT_VIRAMA:
		return b == SCRIPT_OTHER || b == SCRIPT_COMPLEX;
	case SCRIPT_LEADING:
		return b == SCRIPT_COMPLEX;
	case SCRIPT_REGION:
		return b == SCRIPT_REGION && regions % 2 == 1;
	case SCRIPT_JAMO_L:
		return b == SCRIPT_JAMO_L || b == SCRIPT_JAMO_V ||
		       b == SCRIPT_SYLLABLE;
	case SCRIPT_JAMO_V:
	case SCRIPT_SYLLABLE:
		return b == SCRIPT_JAMO_V || b == SCRIPT_JAMO_T;
	case SCRIPT_JAMO_T:
		return b == SCRIPT_JAMO_T;
	default:
		return 0;
	}
}

/* The end of the grapheme cluster at i, with the white space behind it. */
static size_t
cluster_end(const struct split *s, size_t i)
{
	size_t length;
	enum script_class a = class_at(s, i, &length), b;
	unsigned regions = a == SCRIPT_REGION;

	for (i += length; i < s->n; i += length) {
		b = class_at(s, i, &length);
		if (!joins(a, b, regions) &&
		    !(s->text[i - 1] == '\r' && s->text[i] == '\n'))
			break;
		regions = b == SCRIPT_REGION ? regions + 1 : 0;
		/* A virama or joiner counts through marks on top of it. */
		if (b != SCRIPT_EXTEND || a != SCRIPT_VIRAMA)
			a = b;
	}
	return skip_spaces(s, i);
}

static size_t
word_end(const struct split *s, size_t i, size_t length, enum script_class a)
{
	size_t next_length;
	enum script_class b;

	if (a == SCRIPT_SPACE)
		return skip_spaces(s, i + length);
	b = class_at(s, i + length, &next_length);
	return may_break(a, b) ? i + length : 0;
}

/* The start of the next piece if one of level ends at the character at i. */
static size_t
piece_end(const struct split *s, size_t i, size_t length,
    enum script_class class, enum script_class before, enum split_level level)
{
	size_t next = 0;

	/* Of a run such as "?!" the first looks at the whole. */
	if ((class == SCRIPT_STOP || class == SCRIPT_END) &&
	    before != SCRIPT_STOP && before != SCRIPT_END) {
		next = sentence_end(s, i, length, class);
		if (next == 0 && level >= SPLIT_CLAUSE)
			next = stop_end(s, i);
	} else if (class == SCRIPT_SPACE && s->text[i] == '\n') {
		next = item_start(s, i);
	}
	if (next == 0 && level >= SPLIT_CLAUSE &&
	    (class == SCRIPT_CLAUSE || class == SCRIPT_PAUSE))
		next = clause_end(s, i, length, class);
	if (next == 0 && level >= SPLIT_WORD)
		next = word_end(s, i, length, class);
	return next;
}

size_t
split_next(struct split *s, size_t from, enum split_level level)
{
	enum script_class class, before = SCRIPT_OTHER;
	size_t i = from, length, next;
	uint32_t code;

	if (level == SPLIT_CLUSTER && i < s->n)
		return cluster_end(s, i);
	if (level == SPLIT_CODE && i < s->n) {
		i += utf8_step(s->text + i, s->n - i, &code);
		/* Other spaces than these are part of the text. */
		while (
		    i < s->n && (s->text[i] == ' ' ||
				    (s->text[i] >= '\t' && s->text[i] <= '\r')))
			i++;
		return i;
	}
	while (i < s->n) {
		class = class_at(s, i, &length);
		next = class == SCRIPT_OTHER && level < SPLIT_WORD
			   ? 0
			   : piece_end(s, i, length, class, before, level);
		if (next > from && (level >= SPLIT_INSIDE || !in_span(s, next)))
			return next;
		before = class;
		i += length;
	}
	return s->n;
}
