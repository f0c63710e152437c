#include "chunk/piece_list.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/bits.h"
#include "base/utf8.h"

enum {
	MERGE_LEAST = 32,   /* pieces under 1/32 always take text */
	MERGE_WORDS = 0x30, /* bits of words: text with 0 is not taken */
	WORDS = 48	    /* bytes of a text that are hashed, at most */
};

/* For piece_list_trim_end: if a character that is not ASCII ends the text. */
uint32_t
piece_list_trim_wide(const struct pieces *p, uint32_t from, uint32_t to)
{
	uint32_t length;

	for (; to > from; to -= length) {
		length = (uint32_t)piece_list_is_white(p->text[to - 1]);
		if (p->text[to - 1] & 0x80)
			length = (uint32_t)utf8_space_before(
			    p->text + from, to - from);
		if (length == 0)
			break;
	}
	return to;
}

uint32_t
piece_list_skip_white(const struct pieces *p, uint32_t from, uint32_t to)
{
	while (from < to && piece_list_is_white(p->text[from]))
		from++;
	return from;
}

/* The header rows of a table, or the first line of a fence. */
static struct outline_text
head_of(const struct pieces *p, const struct markdown_block *b)
{
	uint32_t start = piece_list_skip_white(p, b->start, b->head);

	return (struct outline_text){
	    p->text + start, piece_list_trim_end(p, start, b->head) - start};
}

struct outline_context
piece_list_context(const struct pieces *p, size_t i)
{
	const struct piece *piece = &p->list[i];
	const struct markdown_block *b = &p->blocks[piece->block];
	struct outline_context c = {
	    .heading = piece->heading, .own = piece->own};

	if (piece->continues && b->head > 0) {
		c.header = head_of(p, b);
		c.header_size = p->head_sizes[piece->block];
	}
	return c;
}

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9E3779B97F4A7C15u;
	return h ^ h >> 29;
}

/* The last k < 8 of n bytes, lowest first; the other bytes are 0. */
static uint64_t
load_last(const char *bytes, uint32_t n, uint32_t k)
{
	uint64_t word = 0;

	if (n >= 8)
		return bits_load(bytes + n - 8) >> 8 * (8 - k);
	for (uint32_t i = 0; i < k; i++)
		word |= (uint64_t)(unsigned char)bytes[n - k + i] << 8 * i;
	return word;
}

/* As piece_list_words; inline, because many parts have only a few bytes. */
static inline uint64_t
words_of(const struct pieces *p, uint32_t from, uint32_t to)
{
	const char *text = p->text + from;
	uint32_t n = to - from, i;
	uint64_t h = 0;

	if (n >= WORDS) {
		for (i = 0; i < WORDS; i += 8)
			h = mix(h, bits_load(text + i));
		return h;
	}
	for (i = 0; i + 8 <= n; i += 8)
		h = mix(h, bits_load(text + i));
	return i < n ? mix(h, load_last(text, n, n - i)) : h;
}

uint64_t
piece_list_words(const struct pieces *p, uint32_t from, uint32_t to)
{
	return words_of(p, from, to);
}

/* Whether the last piece is small, and may take text behind such a cut. */
static int
is_open(const struct pieces *p, const struct piece *last, enum chunk_cut cut)
{
	return p->glue == PIECE_LIST_NO_GLUE && cut > CHUNK_HEADING &&
	       cut >= last->cut && cut != CHUNK_GLUED && !last->own &&
	       last->cut != CHUNK_GLUED &&
	       last->to - last->from < p->limit / PIECE_LIST_MERGE_BELOW;
}

/*
 * Whether a piece of this size may take text[from, to); its size is then
 * "then". Among many small lines, some begin a piece because of their words;
 * else an edit in one line would change the pieces of all later lines.
 */
static inline int
may_take(const struct pieces *p, uint32_t size, uint32_t from, uint32_t to,
    uint32_t then)
{
	return then <= p->limit / PIECE_LIST_MERGE_BELOW * 4 &&
	       (size < p->limit / MERGE_LEAST ||
		   (words_of(p, from, to) & MERGE_WORDS) != 0);
}

uint32_t
piece_list_size_ahead(struct pieces *p, uint32_t from, uint32_t to)
{
	struct measure_place end;

	if (measure_is_plain(&p->at))
		return measure_plain(&p->at, to) - measure_plain(&p->at, from);
	p->ahead = p->at;
	measure_go(&p->ahead, from);
	p->ahead_from = measure_place(&p->ahead);
	measure_go(&p->ahead, to);
	end = measure_place(&p->ahead);
	return measure_between(&p->ahead, &p->ahead_from, &end);
}

void
piece_list_go_on(struct pieces *p, uint32_t from, uint32_t to)
{
	if (p->ahead_from.at == from && p->ahead.at == to && to > p->at.at)
		p->at = p->ahead;
	else
		measure_go(&p->at, to);
}

/* Measure text[from, to); *start is the measure's place at from. */
static void
go_over(
    struct pieces *p, uint32_t from, uint32_t to, struct measure_place *start)
{
	measure_go(&p->at, from);
	*start = measure_place(&p->at);
	piece_list_go_on(p, from, to);
}

void
piece_list_end(const struct pieces *p, struct piece *piece)
{
	piece->end = p->at.at;
	piece->to = p->at.to;
}

static struct piece *
new_piece(struct pieces *p)
{
	p->list = x_grow(p->list, p->count, &p->cap, sizeof(*p->list));
	return &p->list[p->count++];
}

/* Add a piece of block from start to the measure's current place. */
static void
put_piece(struct pieces *p, const struct measure_place *start, uint32_t block,
    enum chunk_cut cut, int loose)
{
	struct piece *piece = new_piece(p);

	*piece = (struct piece){.start = start->at,
	    .from = start->from,
	    .heading = (uint32_t)p->outline.count - 1,
	    .block = block,
	    .cut = (uint8_t)cut,
	    .loose = (uint8_t)loose};
	piece_list_end(p, piece);
}

void
piece_list_add(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut)
{
	struct piece *last = p->count > 0 ? &p->list[p->count - 1] : NULL;
	uint32_t before = p->at.loose;
	struct measure_place start, end;
	int loose;

	go_over(p, from, to, &start);
	end = measure_place(&p->at);
	loose = p->at.loose != before || measure_in_word(&p->at, &start, &end);
	if (last != NULL && is_open(p, last, cut) &&
	    may_take(
		p, last->to - last->from, from, to, p->at.to - last->from)) {
		piece_list_end(p, last);
		last->loose |= loose;
		return;
	}
	put_piece(p, &start, block, cut, loose);
}

/*
 * Pieces that start behind the start of the block continue it. Only now the
 * contexts of chunks that begin with one of the pieces can be measured.
 */
void
piece_list_finish(struct pieces *p, size_t first, uint32_t start, int own)
{
	const struct markdown_block *b = &p->blocks[p->block_count];

	/* Measured once: a header may be as long as the rest of the text. */
	if (b->head > 0 && p->list[p->count - 1].start > start) {
		struct outline_text head = head_of(p, b);

		p->head_sizes[p->block_count] =
		    measure_text(&p->at, head.s, head.n);
	}
	p->block_count++;
	outline_read(&p->outline, &p->at);
	for (size_t i = first; i < p->count; i++) {
		struct piece *piece = &p->list[i];
		struct outline_context context = {.heading = piece->heading};

		piece->continues = piece->start > start;
		piece->own = own && !piece->continues;
		context.own = piece->own;
		if (piece->continues)
			context = piece_list_context(p, i);
		piece->context = outline_size(&p->outline, &context);
	}
}

int
piece_list_fits(struct pieces *p, uint32_t from, uint32_t to, uint32_t room)
{
	/* A text never has more units than bytes, except parts of tokens. */
	return (p->at.unit != MEASURE_ESTIMATE && to - from <= room) ||
	       piece_list_size_ahead(p, from, to) <= room;
}

/* The size of the headings before the next part, which stay with the part. */
static uint32_t
glued_size(const struct pieces *p, uint32_t next)
{
	if (p->glue == PIECE_LIST_NO_GLUE)
		return 0;
	return measure_from(&p->at, next) - p->list[p->glue].from;
}

uint32_t
piece_list_room_at(const struct pieces *p, uint32_t from)
{
	uint32_t glued = glued_size(p, from);

	/* Headings that leave no room for text stand alone. */
	return glued + CHUNK_MAX_LEAST <= p->limit ? p->limit - glued
						   : p->limit;
}

/* The last piece, if it may take parts behind such a cut; or NULL. */
static struct piece *
find_taker(const struct pieces *p, enum chunk_cut cut)
{
	struct piece *last;

	if (p->count == 0 || !measure_is_plain(&p->at))
		return NULL;
	last = &p->list[p->count - 1];
	return last->end == p->at.at && is_open(p, last, cut) ? last : NULL;
}

/* Whether a piece of this size that ends at at surely takes text[from, end). */
static inline int
is_taken(const struct pieces *p, uint32_t size, uint32_t at, uint32_t from,
    uint32_t end)
{
	/* A text never has more units than bytes, so this is a bound. */
	return from < end && size < p->limit / PIECE_LIST_MERGE_BELOW &&
	       may_take(p, size, from, end, size + (end - at));
}

int
piece_list_take(
    struct pieces *p, uint32_t from, uint32_t to, enum chunk_cut cut)
{
	struct piece *last = find_taker(p, cut);

	if (last == NULL ||
	    !is_taken(p, p->at.to - last->from, p->at.at, from, to))
		return 0;
	measure_go(&p->at, to);
	piece_list_end(p, last);
	return 1;
}

/*
 * As piece_list_take, for n parts: the first begins at from, and part i ends at
 * base + ends[i]. Returns the number of parts taken.
 */
size_t
piece_list_take_all(struct pieces *p, uint32_t base, uint32_t from,
    const uint32_t *ends, size_t n, enum chunk_cut cut)
{
	struct piece *last = find_taker(p, cut);
	uint32_t least = p->limit / MERGE_LEAST, at = p->at.at, size;
	size_t i;

	if (last == NULL)
		return 0;
	size = p->at.to - last->from;
	for (i = 0; i < n; i++) {
		uint32_t end;

		/* A piece of less than least takes parts of any words. */
		while (size < least && i + 1 < n &&
		       base + ends[i + 1] - at <= least - size)
			i++;
		if (i > 0)
			from = base + ends[i - 1];
		end = piece_list_trim_end(p, at, base + ends[i]);
		if (!is_taken(p, size, at, from, end))
			break;
		size = measure_plain(&p->at, end) - last->from;
		at = end;
	}
	measure_go(&p->at, at);
	piece_list_end(p, last);
	return i;
}
