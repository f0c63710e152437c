#include "text/cut.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "text/char_class.h"
#include "text/sentence.h"

enum { ITEM_DIGITS = 3 /* of an item's number; four are a year */ };

/*
 * Bit k: a character of the class matters at level k. It may end a piece, or it
 * may have to stay with the character before it.
 */
static unsigned levels_of(enum char_class class)
{
	const unsigned words = 1 << CUT_WORD | 1 << CUT_INSIDE;
	const unsigned stops = 1 << CUT_SENTENCE | 1 << CUT_STOP;

	switch (class) {
	case CHAR_CLASS_STOP:
	case CHAR_CLASS_END:
		return stops | 1 << CUT_CLAUSE | words;
	case CHAR_CLASS_CLAUSE:
	case CHAR_CLASS_PAUSE:
		return 1 << CUT_CLAUSE | words;
	case CHAR_CLASS_WIDE:
	case CHAR_CLASS_WIDE_CLOSE:
	case CHAR_CLASS_WIDE_OPEN:
		return words;
	case CHAR_CLASS_SPACE:
		return words | 1 << CUT_CLUSTER;
	case CHAR_CLASS_COMPLEX:
		return stops | 1 << CUT_CLAUSE;
	case CHAR_CLASS_LEADING:
		return stops | 1 << CUT_CLAUSE | 1 << CUT_CLUSTER;
	case CHAR_CLASS_OTHER:
	case CHAR_CLASS_CLOSE:
	case CHAR_CLASS_OPEN:
		return 0;
	default:
		return 1 << CUT_CLUSTER;
	}
}

static int
is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
fill_matters(struct cut *s)
{
	for (int c = 0; c < 256; c++) {
		uint32_t classes = s->chars.classes->leads[c];

		for (unsigned k = 0; classes >> k != 0; k++)
			if (classes >> k & 1)
				s->matters[c] |=
				    (uint8_t)levels_of((enum char_class)k);
		if (is_white((char)c))
			s->matters[c] |= 1 << CUT_CODE;
	}
	/* A list item may follow a line end. */
	s->matters['\n'] |= (uint8_t)levels_of(CHAR_CLASS_STOP);
}

static int
matters_at(const struct cut *s, size_t i, enum cut_level level)
{
	return s->matters[(unsigned char)s->chars.text[i]] >> level & 1;
}

/* The next character from i on that matters at a level, or n. */
static size_t
find_marked(const struct cut *s, size_t i, enum cut_level level)
{
	const unsigned char *text = (const unsigned char *)s->chars.text;
	unsigned bit = 1u << level;
	size_t n = s->chars.n;

	/* Four bytes at a time take half the time. */
	for (; i + 4 <= n; i += 4)
		if ((s->matters[text[i]] | s->matters[text[i + 1]] |
			s->matters[text[i + 2]] | s->matters[text[i + 3]]) &
		    bit)
			break;
	while (i < n && !(s->matters[text[i]] & bit))
		i++;
	return i;
}

void
cut_start(struct cut *s, const char *text, size_t n, int markdown)
{
	if (s->chars.classes == NULL) {
		s->chars.classes = x_calloc(1, sizeof(*s->chars.classes));
		char_class_fill(s->chars.classes);
		fill_matters(s);
	}
	s->chars.text = text;
	s->chars.n = n;
	s->spans.count = 0;
	s->at = 0;
	s->known = CUT_CLUSTER;
	if (markdown)
		span_find(&s->spans, text, n);
}

void
cut_free(struct cut *s)
{
	span_free(&s->spans);
	free(s->chars.classes);
	*s = (struct cut){0};
}

/* Whether a cut at i would split a span. */
static int
in_span(struct cut *s, size_t i)
{
	const struct spans *spans = &s->spans;

	while (s->at > 0 && spans->list[s->at - 1].end > i)
		s->at--;
	while (s->at < spans->count && spans->list[s->at].end <= i)
		s->at++;
	return s->at < spans->count && spans->list[s->at].start < i;
}

static size_t
clause_end(const struct cut *s, size_t behind, enum char_class class)
{
	size_t k = behind, next, length;

	while (cut_chars_is_mark(cut_chars_class(&s->chars, k, &length)))
		k += length;
	k = cut_chars_skip_class(&s->chars, k, CHAR_CLASS_CLOSE);
	next = cut_chars_skip_spaces(&s->chars, k);
	return class == CHAR_CLASS_PAUSE || next > k ? next : 0;
}

/*
 * Where a list item starts behind the line end at i, or 0. Lists are part of
 * the text in plain text, and in Markdown if they are indented too far.
 */
static size_t
item_start(const struct cut *s, size_t i)
{
	size_t start = i + 1, k;
	char c;

	while (start < s->chars.n &&
	       (s->chars.text[start] == ' ' || s->chars.text[start] == '\t'))
		start++;
	for (k = start; k < s->chars.n && k - start < ITEM_DIGITS; k++)
		if (s->chars.text[k] < '0' || s->chars.text[k] > '9')
			break;
	if (k + 1 >= s->chars.n || s->chars.text[k + 1] != ' ')
		return 0;
	c = s->chars.text[k];
	if (k > start ? c == '.' || c == ')' : c == '-' || c == '*' || c == '+')
		return start;
	return 0;
}

static int
is_wide(enum char_class c)
{
	return c == CHAR_CLASS_WIDE || c == CHAR_CLASS_WIDE_CLOSE ||
	       c == CHAR_CLASS_WIDE_OPEN || c == CHAR_CLASS_SYLLABLE;
}

/* Whether a line may break between a and b, without a space. */
static int
may_break(enum char_class a, enum char_class b)
{
	if (b == CHAR_CLASS_WIDE_CLOSE || b == CHAR_CLASS_CLOSE ||
	    b == CHAR_CLASS_END || b == CHAR_CLASS_PAUSE ||
	    b == CHAR_CLASS_STOP || b == CHAR_CLASS_CLAUSE ||
	    b == CHAR_CLASS_SPACE || cut_chars_is_mark(b))
		return 0;
	if (a == CHAR_CLASS_WIDE_OPEN || a == CHAR_CLASS_OPEN ||
	    a == CHAR_CLASS_JOINER)
		return 0;
	if (a == CHAR_CLASS_END || a == CHAR_CLASS_PAUSE)
		return 1;
	/* Korean lines break only at spaces. */
	if (a == CHAR_CLASS_SYLLABLE || b == CHAR_CLASS_SYLLABLE)
		return 0;
	return is_wide(a) || is_wide(b);
}

/* Whether a and b belong to one grapheme cluster (UAX 29, simplified). */
static int
joins(enum char_class a, enum char_class b, unsigned regions)
{
	if (cut_chars_is_mark(b))
		return a != CHAR_CLASS_SPACE;
	switch (a) {
	case CHAR_CLASS_JOINER:
		return b == CHAR_CLASS_OTHER;
	case CHAR_CLASS_VIRAMA:
		return b == CHAR_CLASS_OTHER || b == CHAR_CLASS_COMPLEX;
	case CHAR_CLASS_LEADING:
		return b == CHAR_CLASS_COMPLEX;
	case CHAR_CLASS_REGION:
		return b == CHAR_CLASS_REGION && regions % 2 == 1;
	case CHAR_CLASS_JAMO_L:
		return b == CHAR_CLASS_JAMO_L || b == CHAR_CLASS_JAMO_V ||
		       b == CHAR_CLASS_SYLLABLE;
	case CHAR_CLASS_JAMO_V:
	case CHAR_CLASS_SYLLABLE:
		return b == CHAR_CLASS_JAMO_V || b == CHAR_CLASS_JAMO_T;
	case CHAR_CLASS_JAMO_T:
		return b == CHAR_CLASS_JAMO_T;
	default:
		return 0;
	}
}

static size_t
word_end(const struct cut *s, size_t behind, enum char_class a)
{
	size_t length;

	if (a == CHAR_CLASS_SPACE)
		return cut_chars_skip_spaces(&s->chars, behind);
	return may_break(a, cut_chars_class(&s->chars, behind, &length))
		   ? behind
		   : 0;
}

/*
 * If a piece ends with the character at i and the characters that belong to it:
 * the start of the next piece, and *level, the best level of this cut. Else 0.
 * *behind is where the search goes on. Cuts at words are found only if words is
 * set.
 */
static size_t
piece_end(const struct cut *s, size_t i, enum char_class class, int words,
    enum cut_level *level, size_t *behind)
{
	size_t next = 0;

	if (cut_chars_is_stop(class))
		return sentence_end(&s->chars, i, level, behind);
	if (class == CHAR_CLASS_CLAUSE || class == CHAR_CLASS_PAUSE) {
		*level = CUT_CLAUSE;
		next = clause_end(s, *behind, class);
	} else if (s->chars.text[i] == '\n') {
		*level = CUT_SENTENCE;
		next = item_start(s, i);
	}
	if (next == 0 && words) {
		*level = CUT_WORD;
		next = word_end(s, *behind, class);
	}
	return next;
}

/* Note a cut that was found, if it is the first at some level. */
static void
note_cut(struct cut *s, size_t next, enum cut_level level)
{
	if (level >= s->known)
		return;
	if (s->spans.count > 0 && in_span(s, next)) {
		level = CUT_INSIDE;
		if (level >= s->known)
			return;
	}
	while (s->known > level)
		s->next[--s->known] = next;
}

/*
 * Find the first cut behind from at level, and on the way the first cuts at the
 * levels below, which callers often need next. Only characters are examined
 * that matter at a level whose first cut is not known.
 */
static void
search(struct cut *s, size_t from, enum cut_level level)
{
	enum char_class class;
	enum cut_level found;
	size_t i = from, behind, length, next;

	s->from = from;
	s->known = CUT_CLUSTER;
	for (; s->known > level; i = behind) {
		i = find_marked(s, i, s->known - 1);
		if (i >= s->chars.n)
			break;
		class = cut_chars_class(&s->chars, i, &length);
		behind = i + length;
		if (class == CHAR_CLASS_COMPLEX ||
		    class == CHAR_CLASS_LEADING) {
			next = sentence_thai_start(&s->chars, from, i, &found);
			if (next > 0)
				note_cut(s, next, found);
			continue;
		}
		/* The character before may not matter: check here. */
		if (is_wide(class) && i > from && s->known > CUT_WORD &&
		    may_break(cut_chars_class_before(&s->chars, i), class))
			note_cut(s, i, CUT_WORD);
		next = piece_end(
		    s, i, class, s->known > CUT_WORD, &found, &behind);
		if (next > 0)
			note_cut(s, next, found);
	}
	while (s->known > level)
		s->next[--s->known] = s->chars.n;
}

/* The end of the grapheme cluster at i, with the white space behind it. */
static size_t
cluster_end(const struct cut *s, size_t i)
{
	size_t length;
	enum char_class a = cut_chars_class(&s->chars, i, &length), b;
	unsigned regions = a == CHAR_CLASS_REGION;

	for (i += length; i < s->chars.n; i += length) {
		b = cut_chars_class(&s->chars, i, &length);
		if (!joins(a, b, regions) &&
		    !(s->chars.text[i - 1] == '\r' && s->chars.text[i] == '\n'))
			break;
		regions = b == CHAR_CLASS_REGION ? regions + 1 : 0;
		/* A virama still joins behind marks that extend it. */
		if (b != CHAR_CLASS_EXTEND || a != CHAR_CLASS_VIRAMA)
			a = b;
	}
	return cut_chars_skip_spaces(&s->chars, i);
}

/* The end of the code point at i, with the white space behind it. */
static size_t
code_end(const struct cut *s, size_t i)
{
	uint32_t code;

	i += utf8_step_valid(s->chars.text + i, &code);
	/* White space beyond ASCII is part of the text. */
	while (i < s->chars.n && is_white(s->chars.text[i]))
		i++;
	return i;
}

size_t
cut_next(struct cut *s, size_t from, enum cut_level level)
{
	if (from >= s->chars.n)
		return s->chars.n;
	if (level == CUT_CLUSTER)
		return cluster_end(s, from);
	if (level == CUT_CODE)
		return code_end(s, from);
	if (from != s->from || level < s->known)
		search(s, from, level);
	return s->next[level];
}

/* The ends of the pieces found so far. */
struct ends {
	uint32_t *list;
	size_t count;
	size_t from, to; /* start of the next piece; where to stop */
};

/* Add the end of a piece. Returns whether one more is wanted. */
static int
add_end(struct ends *e, size_t end)
{
	e->list[e->count++] = (uint32_t)end;
	e->from = end;
	return e->count < CUT_PIECES && end < e->to;
}

/*
 * Add pieces of one code point each, at a level below words, as long as neither
 * the code point nor the next one matters at this level.
 */
static void
add_single(const struct cut *s, enum cut_level level, struct ends *e)
{
	if (matters_at(s, e->from, level))
		return;
	for (size_t i = e->from + 1;; i++) {
		if (i < s->chars.n && (s->chars.text[i] & 0xC0) == 0x80)
			continue;
		if ((i < s->chars.n && matters_at(s, i, level)) ||
		    !add_end(e, i))
			return;
	}
}

/* Add words, as long as they are short and exactly one space ends each. */
static void
add_words(struct cut *s, enum cut_level level, struct ends *e)
{
	int spans = level == CUT_WORD && s->spans.count > 0;

	for (size_t i = e->from; i + 1 < s->chars.n && i - e->from < CUT_SHORT;
	     i++) {
		if (!matters_at(s, i, CUT_WORD))
			continue;
		if (s->chars.text[i] != ' ' ||
		    matters_at(s, i + 1, CUT_CLUSTER))
			return;
		if (!(spans && in_span(s, i + 1)) && !add_end(e, i + 1))
			return;
	}
}

/* Add wide characters, as long as another one follows each. */
static void
add_wide(struct cut *s, enum cut_level level, struct ends *e)
{
	int spans = level == CUT_WORD && s->spans.count > 0;
	size_t i = e->from, length;

	while (cut_chars_class(&s->chars, i, &length) == CHAR_CLASS_WIDE) {
		i += length;
		if (cut_chars_class(&s->chars, i, &length) != CHAR_CLASS_WIDE ||
		    (spans && in_span(s, i)) || !add_end(e, i))
			return;
	}
}

size_t
cut_pieces(struct cut *s, size_t from, size_t to, enum cut_level level,
    uint32_t ends[static CUT_PIECES])
{
	struct ends e = {.list = ends, .from = from, .to = to};
	size_t start;

	do {
		if (level >= CUT_CLUSTER)
			add_single(s, level, &e);
		else if (level >= CUT_WORD && matters_at(s, e.from, level))
			add_wide(s, level, &e);
		else if (level >= CUT_WORD)
			add_words(s, level, &e);
		start = e.from;
	} while (e.count < CUT_PIECES && e.from < to &&
		 add_end(&e, cut_next(s, e.from, level)) &&
		 e.from - start <= CUT_SHORT);
	return e.count;
}
