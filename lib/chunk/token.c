/*
 * Text is cut into words by the pattern of the vocabulary; token_word is its
 * regular expressions, written in C. Each word is encoded by itself: the pair
 * of neighbours whose union has the lowest rank is joined, the leftmost of
 * equal pairs first, until no union is a token. A heap finds the pair. Most
 * words need no heap: they are tokens, or were counted before.
 */
#include "chunk/token.h"
#include "base/encode.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "text/char_category.h"

enum {
	NONE = -1,
	TOKEN_MAX = 255, /* bytes of a token */
	CACHE_SIZE = 1 << 14,
	CACHED_WORD = 30,
	FEWEST = 60000, /* tokens; a smaller vocabulary is not known */
	O200K_FEWEST = 150000
};

struct slot {
	uint32_t hash;
	uint32_t token; /* plus 1; 0 is free */
};

struct token_vocabulary {
	char *bytes;	/* all tokens, end to end */
	uint32_t *ends; /* of token i; its start is the end of i - 1 */
	uint32_t count;
	struct slot *slots; /* by hash */
	uint32_t mask;
	int o200k;
	uint8_t letters[CHAR_CATEGORY_TABLE];
};

struct cached {
	uint8_t length;
	uint8_t count;
	char word[CACHED_WORD];
};

/* A part of a word while its pairs are joined; parts are a linked list. */
struct part {
	uint32_t start;
	uint32_t next; /* index of the part behind, or the count */
	uint32_t before;
	uint32_t rank; /* of its union with the next part */
};

struct token_counter {
	const struct token_vocabulary *v;
	struct cached *cache;
	struct part *parts;
	size_t cap;
	uint64_t *heap; /* rank << 32 | part */
	size_t heaped;
};

/* Reading. */

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0xD6E8FEB86659FD93u;
	return h ^ h >> 32;
}

/* A hash of n > 0 bytes. Some of the last eight bytes may be read twice. */
static uint32_t
hash_bytes(const char *s, size_t n)
{
	uint64_t h = n * 0x9E3779B97F4A7C15u, word;
	uint32_t low, high;

	if (n >= 8) {
		for (size_t i = 0; i + 8 < n; i += 8) {
			memcpy(&word, s + i, 8);
			h = mix(h, word);
		}
		memcpy(&word, s + n - 8, 8);
	} else if (n >= 4) {
		memcpy(&low, s, 4);
		memcpy(&high, s + n - 4, 4);
		word = (uint64_t)high << 32 | low;
	} else {
		word = (uint64_t)(unsigned char)s[0] << 16 |
		       (uint64_t)(unsigned char)s[n / 2] << 8 |
		       (unsigned char)s[n - 1];
	}
	return (uint32_t)mix(h, word);
}

static uint32_t
token_start(const struct token_vocabulary *v, uint32_t token)
{
	return token > 0 ? v->ends[token - 1] : 0;
}

/* The slot of the token with these bytes, or the free slot for it. */
static struct slot *
find_slot(
    const struct token_vocabulary *v, const char *s, size_t n, uint32_t hash)
{
	for (uint32_t i = hash;; i++) {
		struct slot *slot = &v->slots[i & v->mask];
		uint32_t start;

		if (slot->token == 0)
			return slot;
		if (slot->hash != hash)
			continue;
		start = token_start(v, slot->token - 1);
		if (v->ends[slot->token - 1] - start == n &&
		    memcmp(v->bytes + start, s, n) == 0)
			return slot;
	}
}

/* The rank of a token, or NONE (the largest number) if it is none. */
static uint32_t
find_token(const struct token_vocabulary *v, const char *s, size_t n)
{
	if (n > TOKEN_MAX)
		return (uint32_t)NONE;
	return find_slot(v, s, n, hash_bytes(s, n))->token - 1;
}

/* Read "token rank" at *p; ranks must count up from 0. 0, or -1. */
static int
read_token(struct token_vocabulary *v, const char **p, const char *end)
{
	uint32_t start = token_start(v, v->count), rank = 0;
	const char *space = memchr(*p, ' ', (size_t)(end - *p)), *digit;
	size_t digits = space != NULL ? (size_t)(space - *p) : 0;
	size_t n = encode_base64_size(*p, digits);

	if (space == NULL || n == 0 || n > TOKEN_MAX ||
	    encode_base64_read(*p, digits, v->bytes + start) == -1)
		return -1;
	for (digit = space + 1; digit < end && *digit >= '0' && *digit <= '9';
	     digit++)
		rank = rank * 10 + (uint32_t)(*digit - '0');
	if (rank != v->count)
		return -1;
	v->ends[v->count++] = start + (uint32_t)n;
	while (digit < end && (*digit == '\r' || *digit == '\n'))
		digit++;
	*p = digit;
	return 0;
}

struct token_vocabulary *
token_read(const char *file, size_t n, const char **why)
{
	struct token_vocabulary *v = x_calloc(1, sizeof(*v));
	const char *p = file, *end = file + n;
	size_t lines = 0, size = 1;

	for (size_t i = 0; i < n; i++)
		lines += file[i] == '\n';
	v->bytes = x_calloc(n + TOKEN_MAX + 1, 1);
	v->ends = x_calloc(lines + 2, sizeof(*v->ends));
	*why = "not a .tiktoken file: lines of base64, a space and a rank "
	       "that counts up from 0";
	while (p < end && v->count <= lines)
		if (read_token(v, &p, end) == -1)
			goto fail;
	*why = "fewer than 60000 tokens: only vocabularies like cl100k_base "
	       "and o200k_base are known";
	if (v->count < FEWEST)
		goto fail;
	v->o200k = v->count >= O200K_FEWEST;
	while (size < (size_t)v->count * 2)
		size *= 2;
	v->slots = x_calloc(size, sizeof(*v->slots));
	v->mask = (uint32_t)size - 1;
	for (uint32_t i = 0; i < v->count; i++) {
		const char *s = v->bytes + token_start(v, i);
		size_t length = v->ends[i] - token_start(v, i);
		uint32_t hash = hash_bytes(s, length);

		*find_slot(v, s, length, hash) = (struct slot){hash, i + 1};
	}
	*why = "a single byte is not a token";
	for (unsigned i = 0; i < 256; i++) {
		char byte = (char)i;

		if (find_token(v, &byte, 1) == (uint32_t)NONE)
			goto fail;
	}
	char_category_fill(v->letters);
	return v;
fail:
	token_vocabulary_free(v);
	return NULL;
}

void
token_vocabulary_free(struct token_vocabulary *v)
{
	if (v == NULL)
		return;
	free(v->bytes);
	free(v->ends);
	free(v->slots);
	free(v);
}

struct token_counter *
token_counter_new(const struct token_vocabulary *v)
{
	struct token_counter *c = x_calloc(1, sizeof(*c));

	c->v = v;
	c->cache = x_calloc(CACHE_SIZE, sizeof(*c->cache));
	return c;
}

void
token_counter_free(struct token_counter *c)
{
	if (c == NULL)
		return;
	free(c->cache);
	free(c->parts);
	free(c->heap);
	free(c);
}

/* Words. */

struct text {
	const struct token_vocabulary *v;
	const char *s;
	size_t n;
};

/* The category of the character at i, and its length, which is 0 at n. */
static enum char_category
class_at(const struct text *t, size_t i, size_t *length)
{
	uint32_t code;

	if (i >= t->n) {
		*length = 0;
		return CHAR_CATEGORY_NONE;
	}
	code = (unsigned char)t->s[i];
	*length = 1;
	if (code >= 0x80)
		*length = utf8_step(t->s + i, t->n - i, &code);
	return code < CHAR_CATEGORY_TABLE
		   ? (enum char_category)t->v->letters[code]
		   : char_category(code);
}

static int
is_letter(enum char_category c)
{
	return c == CHAR_CATEGORY_UPPER || c == CHAR_CATEGORY_LOWER ||
	       c == CHAR_CATEGORY_EITHER;
}

static int
is_newline(const struct text *t, size_t i)
{
	return i < t->n && (t->s[i] == '\r' || t->s[i] == '\n');
}

/* Length of 's 't 're 've 'm 'll 'd at i, in either case, or 0. */
static size_t
contraction(const struct text *t, size_t i)
{
	char a, b;

	if (i + 1 >= t->n || t->s[i] != '\'')
		return 0;
	a = (char)(t->s[i + 1] | 0x20);
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return 2;
	/* The long s folds to s. */
	if (i + 2 < t->n && t->s[i + 1] == '\xC5' && t->s[i + 2] == '\xBF')
		return 3;
	b = i + 2 < t->n ? (char)(t->s[i + 2] | 0x20) : ' ';
	if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') ||
	    (a == 'l' && b == 'l'))
		return 3;
	return 0;
}

static size_t
skip_letters(const struct text *t, size_t i)
{
	size_t length;

	while (is_letter(class_at(t, i, &length)))
		i += length;
	return i;
}

/* \p{N}{1,3} */
static size_t
skip_digits(const struct text *t, size_t i)
{
	size_t length;

	for (int k = 0; k < 3; k++) {
		if (class_at(t, i, &length) != CHAR_CATEGORY_NUMBER)
			break;
		i += length;
	}
	return i;
}

/* [^\s\p{L}\p{N}]+ then [\r\n]*, or in o200k [\r\n/]* */
static size_t
skip_symbols(const struct text *t, size_t i)
{
	enum char_category c;
	size_t length;

	for (c = class_at(t, i, &length);
	     length > 0 && (c == CHAR_CATEGORY_NONE || c == CHAR_CATEGORY_MARK);
	     c = class_at(t, i, &length))
		i += length;
	while (is_newline(t, i) || (t->v->o200k && i < t->n && t->s[i] == '/'))
		i++;
	return i;
}

/* \s*[\r\n]+ | \s+(?!\S) | \s+ */
static size_t
skip_space(const struct text *t, size_t i)
{
	size_t start = i, last = i, newline = 0, length;

	while (class_at(t, i, &length) == CHAR_CATEGORY_SPACE) {
		if (is_newline(t, i))
			newline = i + 1;
		last = i;
		i += length;
	}
	if (newline > 0)
		return newline;
	return i < t->n && last > start ? last : i;
}

static int
may_be_upper(enum char_category c)
{
	return c == CHAR_CATEGORY_UPPER || c == CHAR_CATEGORY_EITHER ||
	       c == CHAR_CATEGORY_MARK;
}

static int
may_be_lower(enum char_category c)
{
	return c == CHAR_CATEGORY_LOWER || c == CHAR_CATEGORY_EITHER ||
	       c == CHAR_CATEGORY_MARK;
}

/*
 * The end of a word of o200k at i: any upper case, then at least one lower case
 * (need_lower); or at least one upper case, then any lower case. 0 if none.
 */
static size_t
cased_word(const struct text *t, size_t i, int need_lower)
{
	enum char_category c;
	size_t start = i, length, both = 0;

	for (c = class_at(t, i, &length); length > 0 && may_be_upper(c);
	     c = class_at(t, i, &length)) {
		i += length;
		/* This character may also be the lower case. */
		if (may_be_lower(c))
			both = i;
	}
	if (!(length > 0 && may_be_lower(c))) {
		if (need_lower)
			i = both;
		return i > start ? i + contraction(t, i) : 0;
	}
	if (!need_lower && i == start)
		return 0;
	for (; length > 0 && may_be_lower(c); c = class_at(t, i, &length))
		i += length;
	return i + contraction(t, i);
}

/* The end of a word of o200k, with another character before it, or 0. */
static size_t
o200k_word(const struct text *t, size_t i, enum char_category c, size_t length)
{
	int prefix =
	    !is_letter(c) && c != CHAR_CATEGORY_NUMBER && !is_newline(t, i);
	size_t end = 0;

	for (int need_lower = 1; end == 0 && need_lower >= 0; need_lower--) {
		if (prefix)
			end = cased_word(t, i + length, need_lower);
		if (end == 0)
			end = cased_word(t, i, need_lower);
	}
	return end;
}

/* The end of a word of cl100k, with another character before it, or 0. */
static size_t
cl100k_word(const struct text *t, size_t i, enum char_category c, size_t length)
{
	size_t end;

	if (is_letter(c))
		return skip_letters(t, i + length);
	end = contraction(t, i);
	if (end > 0)
		return i + end;
	if (c == CHAR_CATEGORY_NUMBER || is_newline(t, i))
		return 0;
	end = skip_letters(t, i + length);
	return end > i + length ? end : 0;
}

static size_t
next_word(const struct text *t, size_t i)
{
	size_t length, end, symbol_length;
	enum char_category c = class_at(t, i, &length), symbol;

	end = t->v->o200k ? o200k_word(t, i, c, length)
			  : cl100k_word(t, i, c, length);
	if (end > 0)
		return end;
	if (c == CHAR_CATEGORY_NUMBER)
		return skip_digits(t, i);
	if (c != CHAR_CATEGORY_SPACE)
		return skip_symbols(t, i);
	if (t->s[i] == ' ') {
		symbol = class_at(t, i + 1, &symbol_length);
		if (symbol_length > 0 && (symbol == CHAR_CATEGORY_NONE ||
					     symbol == CHAR_CATEGORY_MARK))
			return skip_symbols(t, i + 1);
	}
	return skip_space(t, i);
}

size_t
token_word(const struct token_counter *c, const char *text, size_t n, size_t i)
{
	struct text t = {c->v, text, n};

	return next_word(&t, i);
}

/* Pairs. */

static uint32_t
part_end(const struct part *parts, uint32_t i, uint32_t count, uint32_t n)
{
	return parts[i].next < count ? parts[parts[i].next].start : n;
}

/* The rank of the union of part i and the next one, or NONE. */
static uint32_t
union_rank(const struct token_counter *c, const char *word, uint32_t n,
    uint32_t i, uint32_t count)
{
	const struct part *p = &c->parts[i];

	if (p->next >= count)
		return (uint32_t)NONE;
	return find_token(c->v, word + p->start,
	    part_end(c->parts, p->next, count, n) - p->start);
}

static void
push(struct token_counter *c, uint64_t entry)
{
	size_t i = c->heaped++;

	while (i > 0 && c->heap[(i - 1) / 2] > entry) {
		c->heap[i] = c->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	c->heap[i] = entry;
}

static uint64_t
pop(struct token_counter *c)
{
	uint64_t top = c->heap[0], last = c->heap[--c->heaped];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < c->heaped) {
		if (child + 1 < c->heaped &&
		    c->heap[child + 1] < c->heap[child])
			child++;
		if (c->heap[child] >= last)
			break;
		c->heap[i] = c->heap[child];
		i = child;
	}
	c->heap[i] = last;
	return top;
}

static void
set_rank(struct token_counter *c, const char *word, uint32_t n, uint32_t i,
    uint32_t count)
{
	struct part *p = &c->parts[i];

	p->rank = union_rank(c, word, n, i, count);
	if (p->rank != (uint32_t)NONE)
		push(c, (uint64_t)p->rank << 32 | i);
}

/* Divide a word into parts of one byte, and set the ranks of all pairs. */
static void
start_parts(struct token_counter *c, const char *word, uint32_t n)
{
	if (n > c->cap) {
		c->cap = n > 2 * c->cap ? n : 2 * c->cap;
		c->parts = x_realloc(c->parts, c->cap, sizeof(*c->parts));
		/* Each pair is in it once; a union adds at most two. */
		c->heap = x_realloc(c->heap, 3 * c->cap, sizeof(*c->heap));
	}
	c->heaped = 0;
	for (uint32_t i = 0; i < n; i++)
		c->parts[i] = (struct part){i, i + 1, i - 1, (uint32_t)NONE};
	for (uint32_t i = 0; i < n; i++)
		set_rank(c, word, n, i, n);
}

/* Encode a word that is no token. Returns the number of its tokens. */
static size_t
count_parts(struct token_counter *c, const char *word, uint32_t n)
{
	size_t left = n;

	start_parts(c, word, n);
	while (c->heaped > 0) {
		uint64_t entry = pop(c);
		uint32_t i = (uint32_t)entry;
		struct part *p = &c->parts[i], *gone;

		/* An entry is stale if its part was joined since. */
		if (p->rank != (uint32_t)(entry >> 32))
			continue;
		gone = &c->parts[p->next];
		gone->rank = (uint32_t)NONE;
		p->next = gone->next;
		if (p->next < n)
			c->parts[p->next].before = i;
		left--;
		set_rank(c, word, n, i, n);
		if (i > 0)
			set_rank(c, word, n, p->before, n);
	}
	return left;
}

size_t
token_count_word(struct token_counter *c, const char *word, size_t n)
{
	struct cached *cached;
	size_t count;

	if (n == 1 || find_token(c->v, word, n) != (uint32_t)NONE)
		return 1;
	if (n > CACHED_WORD)
		return count_parts(c, word, (uint32_t)n);
	cached = &c->cache[hash_bytes(word, n) % CACHE_SIZE];
	if (cached->length == n && memcmp(cached->word, word, n) == 0)
		return cached->count;
	count = count_parts(c, word, (uint32_t)n);
	cached->length = (uint8_t)n;
	cached->count = (uint8_t)count;
	memcpy(cached->word, word, n);
	return count;
}

size_t
token_count(struct token_counter *c, const char *text, size_t n)
{
	struct text t = {c->v, text, n};
	size_t count = 0;

	for (size_t i = 0, end; i < n; i = end) {
		end = next_word(&t, i);
		count += token_count_word(c, text + i, end - i);
	}
	return count;
}
