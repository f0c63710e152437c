#include "chunk/piece.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bits.h"
#include "base/utf8.h"

enum {
	MERGE_BELOW = 16,   /* atoms under 1/16 of the limit are merged */
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
trim_wide(const struct atoms *a, uint32_t from, uint32_t to)
{
	uint32_t length;

	for (; to > from; to -= length) {
		length = (uint32_t)is_white(a->text[to - 1]);
		if (a->text[to - 1] & 0x80)
			length = (uint32_t)utf8_space_before(
			    a->text + from, to - from);
		if (length == 0)
			break;
	}
	return to;
}

/* The end of what is not white space in text[from, to). */
static inline uint32_t
trim_end(const struct atoms *a, uint32_t from, uint32_t to)
{
	while (to > from && is_white(a->text[to - 1]))
		to--;
	return to > from && (a->text[to - 1] & 0x80) ? trim_wide(a, from, to)
						     : to;
}

static uint32_t
skip_white(const struct atoms *a, uint32_t from, uint32_t to)
{
	while (from < to && is_white(a->text[from]))
		from++;
	return from;
}

/* The header rows of a table, or the first line of a fence. */
static struct outline_text
head_of(const struct atoms *a, const struct markdown_block *b)
{
	uint32_t start = skip_white(a, b->start, b->head);

	return (struct outline_text){
	    a->text + start, trim_end(a, start, b->head) - start};
}

struct outline_context
atoms_context(const struct atoms *a, size_t i)
{
	const struct piece *atom = &a->list[i];
	const struct markdown_block *b = &a->blocks[atom->block];
	struct outline_context c = {.heading = atom->heading, .own = atom->own};

	if (atom->continues && b->head > 0) {
		c.header = head_of(a, b);
		c.header_size = a->head_sizes[atom->block];
	}
	return c;
}

/* Fences without an info string have nothing to repeat. */
static void
drop_bare_heads(struct atoms *a, struct markdown_block *b)
{
	uint32_t end = trim_end(a, b->start, b->head);

	if (b->kind == MARKDOWN_FENCE && b->head > 0 &&
	    (a->text[end - 1] == '`' || a->text[end - 1] == '~'))
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

/* atoms_words, which for pieces of a few bytes is worth no call. */
static inline uint64_t
words_of(const struct atoms *a, uint32_t from, uint32_t to)
{
	const char *text = a->text + from;
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
atoms_words(const struct atoms *a, uint32_t from, uint32_t to)
{
	return words_of(a, from, to);
}

/* Whether the last atom is small enough to take what is cut so. */
static int
is_open(const struct atoms *a, const struct piece *last, enum chunk_cut cut)
{
	return a->glue == NO_GLUE && cut > CHUNK_HEADING && cut >= last->cut &&
	       cut != CHUNK_GLUED && !last->own && last->cut != CHUNK_GLUED &&
	       last->to - last->from < a->limit / MERGE_BELOW;
}

/*
 * Whether an atom of that size takes text[from, to), and has size then. Of
 * lines that are all alike some begin an atom by their words, or an edit in
 * one would go on to the atoms of all others.
 */
static inline int
may_take(const struct atoms *a, uint32_t size, uint32_t from, uint32_t to,
    uint32_t then)
{
	return then <= a->limit / MERGE_BELOW * 4 &&
	       (size < a->limit / MERGE_LEAST ||
		   (words_of(a, from, to) & MERGE_WORDS) != 0);
}

/* Size of text[from, to), which lies ahead. */
static uint32_t
size_ahead(struct atoms *a, uint32_t from, uint32_t to)
{
	struct measure_place end;

	if (measure_is_plain(&a->at))
		return measure_plain(&a->at, to) - measure_plain(&a->at, from);
	a->ahead = a->at;
	measure_go(&a->ahead, from);
	a->ahead_from = measure_place(&a->ahead);
	measure_go(&a->ahead, to);
	end = measure_place(&a->ahead);
	return measure_between(&a->ahead, &a->ahead_from, &end);
}

/* Go from offset from, where the measure is or will be, on to to. */
static void
go_on(struct atoms *a, uint32_t from, uint32_t to)
{
	if (a->ahead_from.at == from && a->ahead.at == to && to > a->at.at)
		a->at = a->ahead;
	else
		measure_go(&a->at, to);
}

/* Go over text[from, to); *start is where the measure was at from. */
static void
go_over(
    struct atoms *a, uint32_t from, uint32_t to, struct measure_place *start)
{
	measure_go(&a->at, from);
	*start = measure_place(&a->at);
	go_on(a, from, to);
}

/* Let an atom end where the measure is. */
static void
end_atom(const struct atoms *a, struct piece *atom)
{
	atom->end = a->at.at;
	atom->to = a->at.to;
}

static struct piece *
new_atom(struct atoms *a)
{
	if (a->list == NULL || a->count == a->cap) {
		a->cap = a->cap ? a->cap * 2 : 64;
		a->list = x_realloc(a->list, a->cap, sizeof(*a->list));
	}
	return &a->list[a->count++];
}

/* Add an atom of block from start to where the measure is. */
static void
put_atom(struct atoms *a, const struct measure_place *start, uint32_t block,
    enum chunk_cut cut, int loose)
{
	struct piece *atom = new_atom(a);

	*atom = (struct piece){.start = start->at,
	    .from = start->from,
	    .heading = (uint32_t)a->outline.count - 1,
	    .block = block,
	    .cut = (uint8_t)cut,
	    .loose = (uint8_t)loose};
	end_atom(a, atom);
}

/* Add text[from, to) of block, cut in front as given. */
static void
add_atom(struct atoms *a, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut)
{
	struct piece *last = a->count > 0 ? &a->list[a->count - 1] : NULL;
	uint32_t before = a->at.loose;
	struct measure_place start, end;
	int loose;

	go_over(a, from, to, &start);
	end = measure_place(&a->at);
	loose = a->at.loose != before || measure_in_word(&a->at, &start, &end);
	if (last != NULL && is_open(a, last, cut) &&
	    may_take(
		a, last->to - last->from, from, to, a->at.to - last->from)) {
		end_atom(a, last);
		last->loose |= loose;
		return;
	}
	put_atom(a, &start, block, cut, loose);
}

/*
 * Finish the atoms from first on, all of a block that starts at start: those
 * behind its start continue it, and the block is kept. Now it is known how much
 * room a chunk from there must leave.
 */
static void
finish_atoms(struct atoms *a, size_t first, uint32_t start, int own)
{
	const struct markdown_block *b = &a->blocks[a->block_count];

	/* Once, as a header may be as long as the rest of the text. */
	if (b->head > 0 && a->list[a->count - 1].start > start) {
		struct outline_text head = head_of(a, b);

		a->head_sizes[a->block_count] =
		    measure_text(&a->at, head.s, head.n);
	}
	a->block_count++;
	outline_read(&a->outline, &a->at);
	for (size_t i = first; i < a->count; i++) {
		struct piece *atom = &a->list[i];
		struct outline_context context = {.heading = atom->heading};

		atom->continues = atom->start > start;
		atom->own = own && !atom->continues;
		context.own = atom->own;
		if (atom->continues)
			context = atoms_context(a, i);
		atom->context = outline_size(&a->outline, &context);
	}
}

/* Whether text[from, to), which lies ahead, takes at most room. */
static int
fits(struct atoms *a, uint32_t from, uint32_t to, uint32_t room)
{
	/* Nothing is larger than its bytes, but in parts of a token. */
	return (a->at.unit != MEASURE_ESTIMATE && to - from <= room) ||
	       size_ahead(a, from, to) <= room;
}

/* What must fit together with the next piece: headings right before it. */
static uint32_t
glued_size(const struct atoms *a, uint32_t next)
{
	if (a->glue == NO_GLUE)
		return 0;
	return measure_from(&a->at, next) - a->list[a->glue].from;
}

/* How much a piece at from may take. */
static uint32_t
room_at(const struct atoms *a, uint32_t from)
{
	uint32_t glued = glued_size(a, from);

	/* Headings that leave no room for anything stand alone. */
	return glued + CHUNK_MAX_LEAST <= a->limit ? a->limit - glued
						   : a->limit;
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

/* The last atom if it may take pieces in one go that are cut so, or NULL. */
static struct piece *
find_taker(const struct atoms *a, enum chunk_cut cut)
{
	struct piece *last;

	if (a->count == 0 || !measure_is_plain(&a->at))
		return NULL;
	last = &a->list[a->count - 1];
	return last->end == a->at.at && is_open(a, last, cut) ? last : NULL;
}

/* Whether that atom, of that size and ending at at, takes text[from, end). */
static inline int
is_taken(const struct atoms *a, uint32_t size, uint32_t at, uint32_t from,
    uint32_t end)
{
	/* Nothing is larger than its bytes: it surely does. */
	return from < end && size < a->limit / MERGE_BELOW &&
	       may_take(a, size, from, end, size + (end - at));
}

/* Let the last atom take text[from, to), if it surely would. */
static int
take_piece(struct atoms *a, uint32_t from, uint32_t to, enum chunk_cut cut)
{
	struct piece *last = find_taker(a, cut);

	if (last == NULL ||
	    !is_taken(a, a->at.to - last->from, a->at.at, from, to))
		return 0;
	measure_go(&a->at, to);
	end_atom(a, last);
	return 1;
}

/*
 * The same for pieces that end at base + ends[i], the first of them at from.
 * Returns how many it took.
 */
static size_t
take_pieces(struct atoms *a, uint32_t base, uint32_t from, const uint32_t *ends,
    size_t n, enum chunk_cut cut)
{
	struct piece *last = find_taker(a, cut);
	uint32_t least = a->limit / MERGE_LEAST, at = a->at.at, size;
	size_t i;

	if (last == NULL)
		return 0;
	size = a->at.to - last->from;
	for (i = 0; i < n; i++) {
		uint32_t end;

		/* Up to a certain size it takes all there are. */
		while (size < least && i + 1 < n &&
		       base + ends[i + 1] - at <= least - size)
			i++;
		if (i > 0)
			from = base + ends[i - 1];
		end = trim_end(a, at, base + ends[i]);
		if (!is_taken(a, size, at, from, end))
			break;
		size = measure_plain(&a->at, end) - last->from;
		at = end;
	}
	measure_go(&a->at, at);
	end_atom(a, last);
	return i;
}

static void add_text(struct atoms *a, uint32_t base, uint32_t from, uint32_t to,
    uint32_t block, enum cut_level level, enum chunk_cut cut, uint32_t room);

/* Add a piece of add_text. */
static void
add_piece(struct atoms *a, uint32_t base, uint32_t from, uint32_t next,
    uint32_t block, enum cut_level level, enum chunk_cut cut, uint32_t room)
{
	uint32_t end = trim_end(a, from, next), left = room;

	if (a->glue != NO_GLUE && room_at(a, from) < room)
		left = room_at(a, from);
	if (level + 1 < CUT_LEVELS && !fits(a, from, end, left))
		add_text(a, base, from, end, block, level + 1, cut, room);
	else if (end > from)
		add_atom(a, from, end, block, cut);
	a->glue = NO_GLUE;
}

/*
 * Add text[from, to) of block, in pieces of at most room, cut at level or
 * below where that does not do. base is where the split's text starts.
 */
static void
add_text(struct atoms *a, uint32_t base, uint32_t from, uint32_t to,
    uint32_t block, enum cut_level level, enum chunk_cut cut, uint32_t room)
{
	uint32_t ends[CUT_PIECES];

	while (from < to) {
		size_t n =
		    cut_pieces(&a->split, from - base, to - base, level, ends);

		if (ends[n - 1] > to - base)
			ends[n - 1] = to - base;
		for (size_t i = 0; i < n;) {
			add_piece(a, base, from, base + ends[i], block, level,
			    cut, room);
			cut = level_cut(level);
			from = base + ends[i++];
			i += take_pieces(a, base, from, ends + i, n - i, cut);
			from = base + ends[i - 1];
		}
	}
}

static void
add_running_text(struct atoms *a, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut, uint32_t room)
{
	cut_start(&a->split, a->text + from, to - from, !a->plain);
	add_text(a, from, from, to, block, CUT_SENTENCE, cut, room);
}

/* The end of the line at from. */
static uint32_t
line_end(const struct atoms *a, uint32_t from, uint32_t to)
{
	const char *nl = memchr(a->text + from, '\n', to - from);

	return nl ? (uint32_t)(nl - a->text) : to;
}

static uint32_t
indent_of(const struct atoms *a, uint32_t from, uint32_t to)
{
	uint32_t i = from;

	while (i < to && (a->text[i] == ' ' || a->text[i] == '\t'))
		i++;
	return i - from;
}

/* The smallest indentation of the lines behind the first. */
static uint32_t
least_indent(const struct atoms *a, uint32_t from, uint32_t to)
{
	uint32_t least = UINT32_MAX, end = line_end(a, from, to);

	for (from = end; from < to && least > 0; from = end) {
		from++;
		end = line_end(a, from, to);
		if (trim_end(a, from, end) > from &&
		    indent_of(a, from, end) < least)
			least = indent_of(a, from, end);
	}
	return least;
}

/* Add a block of lines that is larger than the limit. */
static void
add_lines(struct atoms *a, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut)
{
	uint32_t least = least_indent(a, from, to), end;
	int after_blank = 0, first = 1;

	for (; from < to; from = end + (end < to)) {
		uint32_t last;

		end = line_end(a, from, to);
		/* A fence's opening line does not stand alone. */
		if (first && a->blocks[block].kind == MARKDOWN_FENCE &&
		    end < to) {
			uint32_t second = line_end(a, end + 1, to);

			if (fits(a, from, second, room_at(a, from)))
				end = second;
		}
		last = trim_end(a, from, end);
		if (last == from) {
			after_blank = 1;
			continue;
		}
		if (!first) {
			int outer = indent_of(a, from, end) <= least;

			cut = after_blank && outer   ? CHUNK_BLANK_LINE
			      : after_blank || outer ? CHUNK_OUTER_LINE
						     : CHUNK_LINE;
		}
		if (!take_piece(a, from, last, cut)) {
			if (!fits(a, from, last, room_at(a, from)))
				add_running_text(
				    a, from, last, block, cut, a->limit);
			else
				add_atom(a, from, last, block, cut);
			a->glue = NO_GLUE;
		}
		first = after_blank = 0;
	}
}

/* The end of the table cell at from, whose own pipe does not count. */
static uint32_t
cell_end(const struct atoms *a, uint32_t from, uint32_t to)
{
	for (uint32_t i = from + 1; i + 1 < to; i++) {
		if (a->text[i] == '\\')
			i++;
		else if (a->text[i] == '|')
			return i;
	}
	return to;
}

/* Find where table cells from from on end, at most CUT_PIECES of them. */
static size_t
find_cells(const struct atoms *a, uint32_t from, uint32_t to,
    uint32_t ends[static CUT_PIECES])
{
	size_t n = 0;

	while (n < CUT_PIECES && from < to) {
		from = cell_end(a, skip_white(a, from, to), to);
		ends[n++] = from;
	}
	return n;
}

/* Add a table row that is larger than room, cell by cell. */
static void
add_row(struct atoms *a, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut, uint32_t room)
{
	uint32_t ends[CUT_PIECES];

	while (from < to) {
		size_t n = find_cells(a, from, to, ends);

		for (size_t i = 0; i < n;) {
			uint32_t end = trim_end(a, from, ends[i]);

			if (!fits(a, from, end, room))
				add_running_text(
				    a, from, end, block, cut, room);
			else if (end > from)
				add_atom(a, from, end, block, cut);
			a->glue = NO_GLUE;
			cut = CHUNK_CELL;
			from = ends[i++];
			i += take_pieces(a, 0, from, ends + i, n - i, cut);
			from = ends[i - 1];
		}
	}
}

/* Add a table that is larger than the limit. */
static void
add_table(struct atoms *a, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut)
{
	const struct markdown_block *b = &a->blocks[block];
	uint32_t end, header = size_ahead(a, from, b->head) + 1;
	uint32_t rows = a->limit;
	int first = 1;

	/* Leave room for the header above rows that go on. */
	if (header <= a->limit / CONTEXT_SHARE)
		rows -= header;
	for (; from < to; from = end + (end < to)) {
		uint32_t last, room = first ? room_at(a, from) : rows;

		end = line_end(a, from, to);
		if (first && b->head < to) {
			/* With the first row, else alone, else by its lines. */
			end = line_end(a, b->head + 1, to);
			if (!fits(a, from, end, room))
				end = b->head;
			if (!fits(a, from, end, room))
				end = line_end(a, from, to);
		}
		last = trim_end(a, from, end);
		if (last > from && !fits(a, from, last, room))
			add_row(a, from, last, block, cut, room);
		else if (last > from)
			add_atom(a, from, last, block, cut);
		a->glue = NO_GLUE;
		cut = CHUNK_ROW;
		first = 0;
	}
}

/* Whether a paragraph ends with a colon, emphasis apart. */
static int
ends_with_colon(const struct atoms *a, const struct markdown_block *b)
{
	static const char wide[] = "\xEF\xBC\x9A";
	uint32_t end = b->end;

	if (b->kind != MARKDOWN_PARAGRAPH)
		return 0;
	while (end > b->start &&
	       (is_white(a->text[end - 1]) || a->text[end - 1] == '*' ||
		   a->text[end - 1] == '_'))
		end--;
	if (end - b->start < 3)
		return 0;
	return a->text[end - 1] == ':' ||
	       (a->text[end - 1] == wide[2] &&
		   memcmp(a->text + end - 3, wide, 3) == 0);
}

/* Whether b is what the block before tells of: not the next item of a list. */
static int
is_told(const struct atoms *a, const struct markdown_block *b)
{
	return (b->depth > a->before.depth ||
		   (b->depth == a->before.depth && b->item == 0)) &&
	       ends_with_colon(a, &a->before);
}

/* Whether b is in the item, or all the items, that the block before is in. */
static int
is_inside(const struct atoms *a, const struct markdown_block *b)
{
	return b->depth >= a->before.depth &&
	       (b->item == 0 || b->item > a->before.depth);
}

/* The kind of cut in front of a block. */
static enum chunk_cut
cut_before(const struct atoms *a, const struct markdown_block *b)
{
	if (a->glue != NO_GLUE)
		return CHUNK_GLUED;
	if (b->kind == MARKDOWN_HEADING)
		return CHUNK_HEADING;
	if (is_told(a, b))
		return CHUNK_TOLD;
	if (a->before.kind == MARKDOWN_FENCE && a->before.depth == 0 &&
	    b->depth == 0)
		return CHUNK_BEHIND_CODE;
	if (b->depth == 0 || a->before.depth == 0)
		return CHUNK_BLOCK;
	return b->item == 1 ? CHUNK_ITEM : CHUNK_IN_ITEM;
}

/*
 * Add a heading, text[from, to), to the atom of the one right before it, which
 * no chunk parts it from as long as both fit. Returns whether it did.
 */
static int
add_to_heading(struct atoms *a, uint32_t from, uint32_t to)
{
	struct piece *last = &a->list[a->count - 1];
	uint32_t room = a->limit / MERGE_BELOW * 4, used;

	if (last->end > from || !last->own)
		return 0;
	used = a->at.to - last->from;
	/* Nothing is larger than its bytes, but perhaps in tokens. */
	if (!(measure_is_plain(&a->at) && used + (to - from) <= room) &&
	    used + size_ahead(a, from, to) > room)
		return 0;
	go_on(a, from, to);
	end_atom(a, last);
	return 1;
}

/* Whether an atom begins with the heading; if not, none is below it. */
static int
begins_atom(const struct atoms *a, uint32_t heading)
{
	uint32_t atom = a->outline.headings[heading].atom;

	return a->list[atom].heading == heading;
}

/*
 * Add a heading's block to the outline, and its text[from, to) to the atom of
 * the heading right before it, if it may. Returns whether it did.
 */
static int
add_heading(
    struct atoms *a, const struct markdown_block *b, uint32_t from, uint32_t to)
{
	struct outline *o = &a->outline;
	int follows = a->glue != NO_GLUE, added;

	measure_go(&a->at, from);
	while (follows && !begins_atom(a, (uint32_t)o->count - 1) &&
	       outline_is_passed(o, &a->at, b->level, a->least))
		o->count--;
	outline_add(o, &a->at, b);
	added = follows && add_to_heading(a, from, to);
	o->headings[o->count - 1].atom = (uint32_t)(a->count - (size_t)added);
	return added;
}

/* Make b the block that atoms are added for. */
static uint32_t
set_block(struct atoms *a, const struct markdown_block *b)
{
	if (a->block_count == a->block_cap) {
		a->block_cap = a->block_cap ? a->block_cap * 2 : 64;
		a->blocks =
		    x_realloc(a->blocks, a->block_cap, sizeof(*a->blocks));
		a->head_sizes = x_realloc(
		    a->head_sizes, a->block_cap, sizeof(*a->head_sizes));
	}
	a->blocks[a->block_count] = *b;
	return (uint32_t)a->block_count;
}

/* Add a block whose text is text[from, to). */
static void
add_block(struct atoms *a, struct markdown_block *b, uint32_t from, uint32_t to)
{
	int is_heading = b->kind == MARKDOWN_HEADING;
	int in_outline = is_heading && b->depth == 0;
	size_t first = a->count, glue;
	enum chunk_cut cut;
	uint32_t block;

	/* A heading belongs to what is behind it in its container. */
	if (!is_inside(a, b))
		a->glue = NO_GLUE;
	glue = a->glue;
	cut = cut_before(a, b);
	if (in_outline && add_heading(a, b, from, to))
		return;
	if (!is_heading && take_piece(a, from, to, cut))
		return;
	drop_bare_heads(a, b);
	block = set_block(a, b);
	if (fits(a, from, to, room_at(a, from)))
		add_atom(a, from, to, block, cut);
	else if (b->kind == MARKDOWN_TABLE)
		add_table(a, from, to, block, cut);
	else if (b->kind == MARKDOWN_PARAGRAPH || b->kind == MARKDOWN_HEADING)
		add_running_text(a, from, to, block, cut, a->limit);
	else
		add_lines(a, from, to, block, cut);
	if (!is_heading)
		a->glue = NO_GLUE;
	else if (glue == NO_GLUE || a->count != first + 1)
		a->glue = a->count - 1;
	else
		a->glue = glue;
	if (a->count > first)
		finish_atoms(a, first, from, in_outline);
}

/* Where the text of a block starts. */
static uint32_t
block_start(const struct atoms *a, const struct markdown_block *b)
{
	/* Indentation means something in code and in lists only. */
	if (b->depth == 0 &&
	    (b->kind == MARKDOWN_PARAGRAPH || b->kind == MARKDOWN_HEADING))
		return skip_white(a, b->start, b->end);
	return b->start;
}

/*
 * The end of the text of a block, which begins at from and ends before to.
 * Markers of quotes between blocks go with the first, if there is room.
 */
static uint32_t
block_end(
    struct atoms *a, const struct markdown_block *b, uint32_t from, uint32_t to)
{
	uint32_t end, own;

	if (!b->quoted)
		return trim_end(a, from, b->end);
	end = trim_end(a, from, to);
	if (end <= b->end || to == a->at.n)
		return end;
	own = trim_end(a, from, b->end);
	return !fits(a, from, end, room_at(a, from)) &&
		       fits(a, from, own, room_at(a, from))
		   ? own
		   : end;
}

/*
 * Add markers of quotes in front of b, which the block before had no room for,
 * as a block: b may fit only without them. Returns where b is to begin.
 */
static uint32_t
add_markers(struct atoms *a, const struct markdown_block *b, uint32_t from)
{
	struct markdown_block markers = *b;
	uint32_t end;

	if (!b->quoted || from >= b->start || a->glue != NO_GLUE)
		return from;
	end = trim_end(a, from, b->start);
	markers.kind = MARKDOWN_MARKER;
	markers.level = markers.head = 0;
	if (end > from)
		add_block(a, &markers, from, end);
	return b->start;
}

static void
read_blocks(struct atoms *a)
{
	int more;
	struct markdown_block *b = markdown_next(&a->md, &more);
	uint32_t from = b != NULL ? block_start(a, b) : 0;

	for (; b != NULL; b = markdown_next(&a->md, &more)) {
		uint32_t to = more ? block_start(a, b + 1) : a->at.n, end;

		from = add_markers(a, b, from);
		end = block_end(a, b, from, to);
		if (end > from)
			add_block(a, b, from, end);
		a->before = *b;
		from = b->quoted ? skip_white(a, end, to) : to;
	}
}

void
atoms_read(struct atoms *a, const char *text, size_t n, const char *title,
    size_t title_n)
{
	markdown_start(&a->md, text, n, a->plain);
	a->text = text;
	a->count = a->block_count = 0;
	a->before = (struct markdown_block){0};
	a->glue = NO_GLUE;
	char_marks_find(&a->marks, text, n);
	measure_start(&a->at, text, n, &a->marks);
	a->ahead = a->at;
	a->ahead_from = measure_place(&a->at);
	outline_start(
	    &a->outline, &a->at, a->limit / CONTEXT_SHARE, title, title_n);
	read_blocks(a);
}

void
atoms_free(struct atoms *a)
{
	markdown_free(&a->md);
	char_marks_free(&a->marks);
	outline_free(&a->outline);
	cut_free(&a->split);
	free(a->list);
	free(a->blocks);
	free(a->head_sizes);
}
