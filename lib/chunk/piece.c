#include "chunk/piece.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bits.h"
#include "base/utf8.h"

enum {
	MERGE_BELOW = 16,   /* pieces under 1/16 of the limit are merged */
	MERGE_LEAST = 32,   /* under 1/32 whatever their words are */
	MERGE_WORDS = 0x30, /* bits of their words: else 1 in 4 is not */
	WORDS = 48,	    /* bytes of a text that tell it from others */
	CONTEXT_SHARE = 4   /* context takes at most 1/4 of it */
};

/* No heading is at the end. */
#define NO_GLUE SIZE_MAX

static int
is_white(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* For trim_end: the same where a character that is not ASCII ends the text. */
__attribute__((noinline)) static uint32_t
trim_wide(const struct pieces *p, uint32_t from, uint32_t to)
{
	uint32_t length;

	for (; to > from; to -= length) {
		length = (uint32_t)is_white(p->text[to - 1]);
		if (p->text[to - 1] & 0x80)
			length = (uint32_t)utf8_space_before(
			    p->text + from, to - from);
		if (length == 0)
			break;
	}
	return to;
}

/* The end of what is not white space in text[from, to). */
static inline uint32_t
trim_end(const struct pieces *p, uint32_t from, uint32_t to)
{
	while (to > from && is_white(p->text[to - 1]))
		to--;
	return to > from && (p->text[to - 1] & 0x80) ? trim_wide(p, from, to)
						     : to;
}

static uint32_t
skip_white(const struct pieces *p, uint32_t from, uint32_t to)
{
	while (from < to && is_white(p->text[from]))
		from++;
	return from;
}

/* The header rows of a table, or the first line of a fence. */
static struct outline_text
head_of(const struct pieces *p, const struct markdown_block *b)
{
	uint32_t start = skip_white(p, b->start, b->head);

	return (struct outline_text){
	    p->text + start, trim_end(p, start, b->head) - start};
}

struct outline_context
piece_context(const struct pieces *p, size_t i)
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

/* Fences without an info string have nothing to repeat. */
static void
drop_bare_heads(struct pieces *p, struct markdown_block *b)
{
	uint32_t end = trim_end(p, b->start, b->head);

	if (b->kind == MARKDOWN_FENCE && b->head > 0 &&
	    (p->text[end - 1] == '`' || p->text[end - 1] == '~'))
		b->head = 0;
}

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9E3779B97F4A7C15u;
	return h ^ h >> 29;
}

/* The last k < 8 of n bytes; those behind them count as 0. */
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

/* piece_words, which for parts of a few bytes is worth no call. */
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
piece_words(const struct pieces *p, uint32_t from, uint32_t to)
{
	return words_of(p, from, to);
}

/* Whether the last piece is small enough to take what is cut so. */
static int
is_open(const struct pieces *p, const struct piece *last, enum chunk_cut cut)
{
	return p->glue == NO_GLUE && cut > CHUNK_HEADING && cut >= last->cut &&
	       cut != CHUNK_GLUED && !last->own && last->cut != CHUNK_GLUED &&
	       last->to - last->from < p->limit / MERGE_BELOW;
}

/*
 * Whether a piece of that size takes text[from, to), and has size then. Of
 * lines that are all alike some begin a piece by their words, or an edit in
 * one would go on to the pieces of all others.
 */
static inline int
may_take(const struct pieces *p, uint32_t size, uint32_t from, uint32_t to,
    uint32_t then)
{
	return then <= p->limit / MERGE_BELOW * 4 &&
	       (size < p->limit / MERGE_LEAST ||
		   (words_of(p, from, to) & MERGE_WORDS) != 0);
}

/* Size of text[from, to), which lies ahead. */
static uint32_t
size_ahead(struct pieces *p, uint32_t from, uint32_t to)
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

/* Go from offset from, where the measure is or will be, on to to. */
static void
go_on(struct pieces *p, uint32_t from, uint32_t to)
{
	if (p->ahead_from.at == from && p->ahead.at == to && to > p->at.at)
		p->at = p->ahead;
	else
		measure_go(&p->at, to);
}

/* Go over text[from, to); *start is where the measure was at from. */
static void
go_over(
    struct pieces *p, uint32_t from, uint32_t to, struct measure_place *start)
{
	measure_go(&p->at, from);
	*start = measure_place(&p->at);
	go_on(p, from, to);
}

/* Let a piece end where the measure is. */
static void
end_piece(const struct pieces *p, struct piece *piece)
{
	piece->end = p->at.at;
	piece->to = p->at.to;
}

static struct piece *
new_piece(struct pieces *p)
{
	if (p->list == NULL || p->count == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 64;
		p->list = x_realloc(p->list, p->cap, sizeof(*p->list));
	}
	return &p->list[p->count++];
}

/* Add a piece of block from start to where the measure is. */
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
	end_piece(p, piece);
}

/* Add text[from, to) of block, cut in front as given. */
static void
add_piece(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
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
		end_piece(p, last);
		last->loose |= loose;
		return;
	}
	put_piece(p, &start, block, cut, loose);
}

/*
 * Finish the pieces from first on, all of a block that starts at start: those
 * behind its start continue it, and the block is kept. Now it is known how much
 * room a chunk from there must leave.
 */
static void
finish_pieces(struct pieces *p, size_t first, uint32_t start, int own)
{
	const struct markdown_block *b = &p->blocks[p->block_count];

	/* Once, as a header may be as long as the rest of the text. */
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
			context = piece_context(p, i);
		piece->context = outline_size(&p->outline, &context);
	}
}

/* Whether text[from, to), which lies ahead, takes at most room. */
static int
fits(struct pieces *p, uint32_t from, uint32_t to, uint32_t room)
{
	/* Nothing is larger than its bytes, but in parts of a token. */
	return (p->at.unit != MEASURE_ESTIMATE && to - from <= room) ||
	       size_ahead(p, from, to) <= room;
}

/* What must fit together with the next part: headings right before it. */
static uint32_t
glued_size(const struct pieces *p, uint32_t next)
{
	if (p->glue == NO_GLUE)
		return 0;
	return measure_from(&p->at, next) - p->list[p->glue].from;
}

/* How much a part at from may take. */
static uint32_t
room_at(const struct pieces *p, uint32_t from)
{
	uint32_t glued = glued_size(p, from);

	/* Headings that leave no room for anything stand alone. */
	return glued + PIECE_LIMIT_LEAST <= p->limit ? p->limit - glued
						     : p->limit;
}

static enum chunk_cut
level_cut(enum cut_level level)
{
	static const enum chunk_cut cuts[] = {[CUT_SENTENCE] = CHUNK_SENTENCE,
	    [CUT_STOP] = CHUNK_SENTENCE,
	    [CUT_CLAUSE] = CHUNK_CLAUSE,
	    [CUT_WORD] = CHUNK_WORD,
	    [CUT_INSIDE] = CHUNK_INSIDE,
	    [CUT_CLUSTER] = CHUNK_CLUSTER,
	    [CUT_CODE] = CHUNK_CODE};

	return cuts[level];
}

/* The last piece if it may take parts in one go that are cut so, or NULL. */
static struct piece *
find_taker(const struct pieces *p, enum chunk_cut cut)
{
	struct piece *last;

	if (p->count == 0 || !measure_is_plain(&p->at))
		return NULL;
	last = &p->list[p->count - 1];
	return last->end == p->at.at && is_open(p, last, cut) ? last : NULL;
}

/* Whether that piece, of that size and ending at at, takes text[from, end). */
static inline int
is_taken(const struct pieces *p, uint32_t size, uint32_t at, uint32_t from,
    uint32_t end)
{
	/* Nothing is larger than its bytes: it surely does. */
	return from < end && size < p->limit / MERGE_BELOW &&
	       may_take(p, size, from, end, size + (end - at));
}

/* Let the last piece take text[from, to), if it surely would. */
static int
take_part(struct pieces *p, uint32_t from, uint32_t to, enum chunk_cut cut)
{
	struct piece *last = find_taker(p, cut);

	if (last == NULL ||
	    !is_taken(p, p->at.to - last->from, p->at.at, from, to))
		return 0;
	measure_go(&p->at, to);
	end_piece(p, last);
	return 1;
}

/*
 * The same for parts that end at base + ends[i], the first of them at from.
 * Returns how many it took.
 */
static size_t
take_parts(struct pieces *p, uint32_t base, uint32_t from, const uint32_t *ends,
    size_t n, enum chunk_cut cut)
{
	struct piece *last = find_taker(p, cut);
	uint32_t least = p->limit / MERGE_LEAST, at = p->at.at, size;
	size_t i;

	if (last == NULL)
		return 0;
	size = p->at.to - last->from;
	for (i = 0; i < n; i++) {
		uint32_t end;

		/* Up to a certain size it takes all there are. */
		while (size < least && i + 1 < n &&
		       base + ends[i + 1] - at <= least - size)
			i++;
		if (i > 0)
			from = base + ends[i - 1];
		end = trim_end(p, at, base + ends[i]);
		if (!is_taken(p, size, at, from, end))
			break;
		size = measure_plain(&p->at, end) - last->from;
		at = end;
	}
	measure_go(&p->at, at);
	end_piece(p, last);
	return i;
}

static void add_text(struct pieces *p, uint32_t base, uint32_t from,
    uint32_t to, uint32_t block, enum cut_level level, enum chunk_cut cut,
    uint32_t room);

/* Add a part of a text, for add_text. */
static void
add_part(struct pieces *p, uint32_t base, uint32_t from, uint32_t next,
    uint32_t block, enum cut_level level, enum chunk_cut cut, uint32_t room)
{
	uint32_t end = trim_end(p, from, next), left = room;

	if (p->glue != NO_GLUE && room_at(p, from) < room)
		left = room_at(p, from);
	if (level + 1 < CUT_LEVELS && !fits(p, from, end, left))
		add_text(p, base, from, end, block, level + 1, cut, room);
	else if (end > from)
		add_piece(p, from, end, block, cut);
	p->glue = NO_GLUE;
}

/*
 * Add text[from, to) of block, in parts of at most room, cut at level or
 * below where that does not do. base is where the text of p->cut starts.
 */
static void
add_text(struct pieces *p, uint32_t base, uint32_t from, uint32_t to,
    uint32_t block, enum cut_level level, enum chunk_cut cut, uint32_t room)
{
	uint32_t ends[CUT_PIECES];

	while (from < to) {
		size_t n =
		    cut_pieces(&p->cut, from - base, to - base, level, ends);

		if (ends[n - 1] > to - base)
			ends[n - 1] = to - base;
		for (size_t i = 0; i < n;) {
			add_part(p, base, from, base + ends[i], block, level,
			    cut, room);
			cut = level_cut(level);
			from = base + ends[i++];
			i += take_parts(p, base, from, ends + i, n - i, cut);
			from = base + ends[i - 1];
		}
	}
}

static void
add_running_text(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut, uint32_t room)
{
	cut_start(&p->cut, p->text + from, to - from, !p->plain);
	add_text(p, from, from, to, block, CUT_SENTENCE, cut, room);
}

/* The end of the line at from. */
static uint32_t
line_end(const struct pieces *p, uint32_t from, uint32_t to)
{
	const char *nl = memchr(p->text + from, '\n', to - from);

	return nl ? (uint32_t)(nl - p->text) : to;
}

static uint32_t
indent_of(const struct pieces *p, uint32_t from, uint32_t to)
{
	uint32_t i = from;

	while (i < to && (p->text[i] == ' ' || p->text[i] == '\t'))
		i++;
	return i - from;
}

/* The smallest indentation of the lines behind the first. */
static uint32_t
least_indent(const struct pieces *p, uint32_t from, uint32_t to)
{
	uint32_t least = UINT32_MAX, end = line_end(p, from, to);

	for (from = end; from < to && least > 0; from = end) {
		from++;
		end = line_end(p, from, to);
		if (trim_end(p, from, end) > from &&
		    indent_of(p, from, end) < least)
			least = indent_of(p, from, end);
	}
	return least;
}

/* Add a block of lines that is larger than the limit. */
static void
add_lines(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut)
{
	uint32_t least = least_indent(p, from, to), end;
	int after_blank = 0, first = 1;

	for (; from < to; from = end + (end < to)) {
		uint32_t last;

		end = line_end(p, from, to);
		/* A fence's opening line does not stand alone. */
		if (first && p->blocks[block].kind == MARKDOWN_FENCE &&
		    end < to) {
			uint32_t second = line_end(p, end + 1, to);

			if (fits(p, from, second, room_at(p, from)))
				end = second;
		}
		last = trim_end(p, from, end);
		if (last == from) {
			after_blank = 1;
			continue;
		}
		if (!first) {
			int outer = indent_of(p, from, end) <= least;

			cut = after_blank && outer   ? CHUNK_BLANK_LINE
			      : after_blank || outer ? CHUNK_OUTER_LINE
						     : CHUNK_LINE;
		}
		if (!take_part(p, from, last, cut)) {
			if (!fits(p, from, last, room_at(p, from)))
				add_running_text(
				    p, from, last, block, cut, p->limit);
			else
				add_piece(p, from, last, block, cut);
			p->glue = NO_GLUE;
		}
		first = after_blank = 0;
	}
}

/* The end of the table cell at from, whose own pipe does not count. */
static uint32_t
cell_end(const struct pieces *p, uint32_t from, uint32_t to)
{
	for (uint32_t i = from + 1; i + 1 < to; i++) {
		if (p->text[i] == '\\')
			i++;
		else if (p->text[i] == '|')
			return i;
	}
	return to;
}

/* Find where table cells from from on end, at most CUT_PIECES of them. */
static size_t
find_cells(const struct pieces *p, uint32_t from, uint32_t to,
    uint32_t ends[static CUT_PIECES])
{
	size_t n = 0;

	while (n < CUT_PIECES && from < to) {
		from = cell_end(p, skip_white(p, from, to), to);
		ends[n++] = from;
	}
	return n;
}

/* Add a table row that is larger than room, cell by cell. */
static void
add_row(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut, uint32_t room)
{
	uint32_t ends[CUT_PIECES];

	while (from < to) {
		size_t n = find_cells(p, from, to, ends);

		for (size_t i = 0; i < n;) {
			uint32_t end = trim_end(p, from, ends[i]);

			if (!fits(p, from, end, room))
				add_running_text(
				    p, from, end, block, cut, room);
			else if (end > from)
				add_piece(p, from, end, block, cut);
			p->glue = NO_GLUE;
			cut = CHUNK_CELL;
			from = ends[i++];
			i += take_parts(p, 0, from, ends + i, n - i, cut);
			from = ends[i - 1];
		}
	}
}

/* Add a table that is larger than the limit. */
static void
add_table(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut)
{
	const struct markdown_block *b = &p->blocks[block];
	uint32_t end, header = size_ahead(p, from, b->head) + 1;
	uint32_t rows = p->limit;
	int first = 1;

	/* Leave room for the header above rows that go on. */
	if (header <= p->limit / CONTEXT_SHARE)
		rows -= header;
	for (; from < to; from = end + (end < to)) {
		uint32_t last, room = first ? room_at(p, from) : rows;

		end = line_end(p, from, to);
		if (first && b->head < to) {
			/* With the first row, else alone, else by its lines. */
			end = line_end(p, b->head + 1, to);
			if (!fits(p, from, end, room))
				end = b->head;
			if (!fits(p, from, end, room))
				end = line_end(p, from, to);
		}
		last = trim_end(p, from, end);
		if (last > from && !fits(p, from, last, room))
			add_row(p, from, last, block, cut, room);
		else if (last > from)
			add_piece(p, from, last, block, cut);
		p->glue = NO_GLUE;
		cut = CHUNK_ROW;
		first = 0;
	}
}

/* Whether a paragraph ends with a colon, emphasis apart. */
static int
ends_with_colon(const struct pieces *p, const struct markdown_block *b)
{
	static const char wide[] = "\xEF\xBC\x9A";
	uint32_t end = b->end;

	if (b->kind != MARKDOWN_PARAGRAPH)
		return 0;
	while (end > b->start &&
	       (is_white(p->text[end - 1]) || p->text[end - 1] == '*' ||
		   p->text[end - 1] == '_'))
		end--;
	if (end - b->start < 3)
		return 0;
	return p->text[end - 1] == ':' ||
	       (p->text[end - 1] == wide[2] &&
		   memcmp(p->text + end - 3, wide, 3) == 0);
}

/* Whether b is what the block before tells of: not the next item of a list. */
static int
is_told(const struct pieces *p, const struct markdown_block *b)
{
	return (b->depth > p->before.depth ||
		   (b->depth == p->before.depth && b->item == 0)) &&
	       ends_with_colon(p, &p->before);
}

/* Whether b is in the item, or all the items, that the block before is in. */
static int
is_inside(const struct pieces *p, const struct markdown_block *b)
{
	return b->depth >= p->before.depth &&
	       (b->item == 0 || b->item > p->before.depth);
}

/* The kind of cut in front of a block. */
static enum chunk_cut
cut_before(const struct pieces *p, const struct markdown_block *b)
{
	if (p->glue != NO_GLUE)
		return CHUNK_GLUED;
	if (b->kind == MARKDOWN_HEADING)
		return CHUNK_HEADING;
	if (is_told(p, b))
		return CHUNK_TOLD;
	if (p->before.kind == MARKDOWN_FENCE && p->before.depth == 0 &&
	    b->depth == 0)
		return CHUNK_BEHIND_CODE;
	if (b->depth == 0 || p->before.depth == 0)
		return CHUNK_BLOCK;
	return b->item == 1 ? CHUNK_ITEM : CHUNK_IN_ITEM;
}

/*
 * Add a heading, text[from, to), to the piece of the one right before it, which
 * no chunk parts it from as long as both fit. Returns whether it did.
 */
static int
add_to_heading(struct pieces *p, uint32_t from, uint32_t to)
{
	struct piece *last = &p->list[p->count - 1];
	uint32_t room = p->limit / MERGE_BELOW * 4, used;

	if (last->end > from || !last->own)
		return 0;
	used = p->at.to - last->from;
	/* Nothing is larger than its bytes, but perhaps in tokens. */
	if (!(measure_is_plain(&p->at) && used + (to - from) <= room) &&
	    used + size_ahead(p, from, to) > room)
		return 0;
	go_on(p, from, to);
	end_piece(p, last);
	return 1;
}

/* Whether a piece begins with the heading; if not, none is below it. */
static int
begins_piece(const struct pieces *p, uint32_t heading)
{
	uint32_t piece = p->outline.headings[heading].piece;

	return p->list[piece].heading == heading;
}

/*
 * Add a heading's block to the outline, and its text[from, to) to the piece of
 * the heading right before it, if it may. Returns whether it did.
 */
static int
add_heading(struct pieces *p, const struct markdown_block *b, uint32_t from,
    uint32_t to)
{
	struct outline *o = &p->outline;
	int follows = p->glue != NO_GLUE, added;

	measure_go(&p->at, from);
	while (follows && !begins_piece(p, (uint32_t)o->count - 1) &&
	       outline_is_passed(o, &p->at, b->level, p->least))
		o->count--;
	outline_add(o, &p->at, b);
	added = follows && add_to_heading(p, from, to);
	o->headings[o->count - 1].piece = (uint32_t)(p->count - (size_t)added);
	return added;
}

/* Make b the block that pieces are added for. */
static uint32_t
set_block(struct pieces *p, const struct markdown_block *b)
{
	if (p->block_count == p->block_cap) {
		p->block_cap = p->block_cap ? p->block_cap * 2 : 64;
		p->blocks =
		    x_realloc(p->blocks, p->block_cap, sizeof(*p->blocks));
		p->head_sizes = x_realloc(
		    p->head_sizes, p->block_cap, sizeof(*p->head_sizes));
	}
	p->blocks[p->block_count] = *b;
	return (uint32_t)p->block_count;
}

/* Add a block whose text is text[from, to). */
static void
add_block(
    struct pieces *p, struct markdown_block *b, uint32_t from, uint32_t to)
{
	int is_heading = b->kind == MARKDOWN_HEADING;
	int in_outline = is_heading && b->depth == 0;
	size_t first = p->count, glue;
	enum chunk_cut cut;
	uint32_t block;

	/* A heading belongs to what is behind it in its container. */
	if (!is_inside(p, b))
		p->glue = NO_GLUE;
	glue = p->glue;
	cut = cut_before(p, b);
	if (in_outline && add_heading(p, b, from, to))
		return;
	if (!is_heading && take_part(p, from, to, cut))
		return;
	drop_bare_heads(p, b);
	block = set_block(p, b);
	if (fits(p, from, to, room_at(p, from)))
		add_piece(p, from, to, block, cut);
	else if (b->kind == MARKDOWN_TABLE)
		add_table(p, from, to, block, cut);
	else if (b->kind == MARKDOWN_PARAGRAPH || b->kind == MARKDOWN_HEADING)
		add_running_text(p, from, to, block, cut, p->limit);
	else
		add_lines(p, from, to, block, cut);
	if (!is_heading)
		p->glue = NO_GLUE;
	else if (glue == NO_GLUE || p->count != first + 1)
		p->glue = p->count - 1;
	else
		p->glue = glue;
	if (p->count > first)
		finish_pieces(p, first, from, in_outline);
}

/* Where the text of a block starts. */
static uint32_t
block_start(const struct pieces *p, const struct markdown_block *b)
{
	/* Indentation means something in code and in lists only. */
	if (b->depth == 0 &&
	    (b->kind == MARKDOWN_PARAGRAPH || b->kind == MARKDOWN_HEADING))
		return skip_white(p, b->start, b->end);
	return b->start;
}

/*
 * The end of the text of a block, which begins at from and ends before to.
 * Markers of quotes between blocks go with the first, if there is room.
 */
static uint32_t
block_end(struct pieces *p, const struct markdown_block *b, uint32_t from,
    uint32_t to)
{
	uint32_t end, own;

	if (!b->quoted)
		return trim_end(p, from, b->end);
	end = trim_end(p, from, to);
	if (end <= b->end || to == p->at.n)
		return end;
	own = trim_end(p, from, b->end);
	return !fits(p, from, end, room_at(p, from)) &&
		       fits(p, from, own, room_at(p, from))
		   ? own
		   : end;
}

/*
 * Add markers of quotes in front of b, which the block before had no room for,
 * as a block: b may fit only without them. Returns where b is to begin.
 */
static uint32_t
add_markers(struct pieces *p, const struct markdown_block *b, uint32_t from)
{
	struct markdown_block markers = *b;
	uint32_t end;

	if (!b->quoted || from >= b->start || p->glue != NO_GLUE)
		return from;
	end = trim_end(p, from, b->start);
	markers.kind = MARKDOWN_MARKER;
	markers.level = markers.head = 0;
	if (end > from)
		add_block(p, &markers, from, end);
	return b->start;
}

static void
read_blocks(struct pieces *p)
{
	int more;
	struct markdown_block *b = markdown_next(&p->markdown, &more);
	uint32_t from = b != NULL ? block_start(p, b) : 0;

	for (; b != NULL; b = markdown_next(&p->markdown, &more)) {
		uint32_t to = more ? block_start(p, b + 1) : p->at.n, end;

		from = add_markers(p, b, from);
		end = block_end(p, b, from, to);
		if (end > from)
			add_block(p, b, from, end);
		p->before = *b;
		from = b->quoted ? skip_white(p, end, to) : to;
	}
}

void
piece_read(struct pieces *p, const char *text, size_t n, const char *title,
    size_t title_n)
{
	markdown_start(&p->markdown, text, n, p->plain);
	p->text = text;
	p->count = p->block_count = 0;
	p->before = (struct markdown_block){0};
	p->glue = NO_GLUE;
	char_marks_find(&p->char_marks, text, n);
	measure_start(&p->at, text, n, &p->char_marks);
	p->ahead = p->at;
	p->ahead_from = measure_place(&p->at);
	outline_start(
	    &p->outline, &p->at, p->limit / CONTEXT_SHARE, title, title_n);
	read_blocks(p);
}

void
piece_free(struct pieces *p)
{
	markdown_free(&p->markdown);
	char_marks_free(&p->char_marks);
	outline_free(&p->outline);
	cut_free(&p->cut);
	free(p->list);
	free(p->blocks);
	free(p->head_sizes);
}
