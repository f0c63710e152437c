/*
 * Pieces are packed section by section. A section long enough to stand alone
 * is an anchor: a chunk starts where it starts and where it ends, so that an
 * edit elsewhere moves nothing in it. Between two anchors the cheapest way to
 * part the pieces is found by dynamic programming: best way to piece j = the
 * cheapest of (best way to piece i, one chunk from i to j). As a chunk holds at
 * most the limit and small pieces were merged, that is linear in the text.
 */
#include "chunk/chunk.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "chunk/piece.h"
#include "chunk/token.h"
#include "chunk/token_estimate.h"
#include "text/markdown.h"

/*
 * What a chunk costs: CHUNK_COST each, up to SHORT or LONG for its distance
 * from the target, and the cost of the cut in front of it, to which the words
 * behind it add a little, so that of equal cuts an edit nearby chooses no
 * other. Tuned on tests/bench/chunk.
 */
enum {
	CHUNK_COST = 150,
	SHORT_COST = 100,
	LONG_COST = 40,
	TINY_COST = 300, /* less than 1/TINY of the limit */
	TINY = 10,
	STEPS = 256, /* sizes that are told apart */
	ROOM_SHARE = 4,
	RANK_BITS = 24,	   /* by words, below the kind of cut */
	FAR_RANGE = 4,	   /* times the limit: most between two anchors */
	LINE_RANGE = 2,	   /* and least, where an anchor parts a block */
	SMALL_SECTION = 4, /* less than 1/4 of the target stands not alone */
};

/* What a chunk costs that may not be. */
#define NO_WAY ((uint64_t)1 << 62)

_Static_assert((int)CHUNK_MAX_LEAST == (int)PIECE_LIMIT_LEAST, "one limit");

static const struct {
	unsigned cost;
	unsigned chance; /* at most, see cut_cost */
	const char *words;
} cuts[CHUNK_CUTS] = {
    [CHUNK_TEXT_END] = {0, 0, "the end of the text"},
    [CHUNK_SECTION] = {0, 0, "a section, as it or the one above stands alone"},
    [CHUNK_ANCHOR] = {0, 0, "a block that parts a long section"},
    [CHUNK_HEADING] = {10, 32, "the next heading"},
    [CHUNK_BEHIND_CODE] = {10, 32, "the next block, behind code"},
    [CHUNK_BLOCK] = {40, 32, "the next block"},
    [CHUNK_ITEM] = {55, 32, "the next list item"},
    [CHUNK_IN_ITEM] = {80, 32, "the next part of a list item or quote"},
    [CHUNK_TOLD] = {120, 32, "what the block before it tells of"},
    [CHUNK_BLANK_LINE] = {170, 128, "a blank line in a block over the limit"},
    [CHUNK_ROW] = {300, 128, "the next row of a table over the limit"},
    [CHUNK_OUTER_LINE] = {190, 128, "an outer line of a block over the limit"},
    [CHUNK_SENTENCE] = {200, 8, "the next sentence of a block over the limit"},
    [CHUNK_LINE] = {220, 128, "the next line of a block over the limit"},
    [CHUNK_CLAUSE] = {260, 0, "the next clause of a sentence over the limit"},
    [CHUNK_CELL] = {360, 0, "the next cell of a row over the limit"},
    [CHUNK_WORD] = {420, 0, "the next word of a clause over the limit"},
    [CHUNK_INSIDE] = {500, 0,
	"the next word of a link or code span over the limit"},
    [CHUNK_CLUSTER] = {600, 0, "the next character of a word over the limit"},
    [CHUNK_CODE] = {700, 0,
	"the next code point of a character over the limit"},
    [CHUNK_GLUED] = {1000000, 0, "what does not fit below its heading"},
};

/* For packing: the best way to a piece. It is read again and again. */
struct way {
	uint64_t cost; /* all chunks before, and the cut; later where to go */
	uint32_t from; /* of the piece */
	uint32_t room; /* for a chunk from there */
};

struct chunker {
	struct chunk_options options;
	struct pieces pieces;
	struct token_counter *counter;
	uint32_t scale; /* of sizes here: units of the options */
	uint32_t max;
	uint32_t target;
	uint64_t steps_factor;	   /* size * this >> 32 is in STEPS of max */
	uint32_t costs[STEPS + 1]; /* of a chunk so many steps long */
	struct way *ways;	   /* to each piece */
	uint32_t *before;	   /* best start of a chunk that ends with it */
	size_t ways_cap;
	struct chunk *chunks;
	size_t count;
	size_t cap;
};

const char *
chunk_cut_words(enum chunk_cut cut)
{
	return cuts[cut].words;
}

/* Set what a chunk of that size costs by itself. */
static void
set_costs(struct chunker *c)
{
	double max = c->max, target = c->target;

	c->steps_factor = ((uint64_t)STEPS << 32) / c->max;
	for (int i = 0; i <= STEPS; i++) {
		double size = i * max / STEPS, away, cost = CHUNK_COST;

		if (size > target) {
			away = (size - target) / (max - target);
			cost += LONG_COST * away * away;
		} else {
			away = (target - size) / target;
			cost += SHORT_COST * away * away;
		}
		if (size < max / TINY)
			cost += TINY_COST;
		c->costs[i] = (uint32_t)cost;
	}
}

static enum measure_unit
measure_unit(const struct chunk_options *o)
{
	switch (o->unit) {
	case CHUNK_BYTES:
		return MEASURE_BYTES;
	case CHUNK_CHARS:
		return MEASURE_CHARS;
	default:
		return o->vocabulary ? MEASURE_TOKENS : MEASURE_ESTIMATE;
	}
}

struct chunker *
chunk_new(const struct chunk_options *options)
{
	struct chunker *c = x_calloc(1, sizeof(*c));
	enum measure_unit unit = measure_unit(options);

	c->options = *options;
	if (options->target == 0)
		c->options.target = options->max - options->max * 3 / 8;
	if (options->vocabulary != NULL)
		c->counter = token_counter_new(options->vocabulary);
	c->scale = unit == MEASURE_ESTIMATE ? TOKEN_PARTS : 1;
	c->max = (uint32_t)options->max * c->scale;
	c->target = (uint32_t)c->options.target * c->scale;
	set_costs(c);
	c->pieces.plain = options->plain;
	c->pieces.limit = c->max;
	c->pieces.least = c->target;
	c->pieces.at.unit = unit;
	c->pieces.at.counter = c->counter;
	return c;
}

void
chunk_free(struct chunker *c)
{
	if (c == NULL)
		return;
	piece_free(&c->pieces);
	token_counter_free(c->counter);
	free(c->ways);
	free(c->before);
	free(c->chunks);
	free(c);
}

/* Anchors. */

static uint32_t
text_end(const struct chunker *c)
{
	return c->pieces.list[c->pieces.count - 1].to;
}

/*
 * Whether a section of that size reaches the target, and its chunks would not
 * be far below it on average, as those of one just over the limit may be.
 */
static int
stands_alone(const struct chunker *c, uint32_t size)
{
	uint64_t parts = (size + (uint64_t)c->max - 1) / c->max;

	return size >= c->target && (uint64_t)size * 3 >= parts * c->target * 2;
}

/* Mark the sections, with their subsections, that are long enough. */
static void
find_long_sections(struct chunker *c)
{
	struct outline *o = &c->pieces.outline;
	uint32_t open[OUTLINE_DEPTH + 1];
	unsigned depth = 0;

	for (size_t i = 1; i <= o->count; i++) {
		uint32_t end = i < o->count ? o->headings[i].from : text_end(c);

		while (depth > 0 &&
		       (i == o->count || o->headings[open[depth - 1]].level >=
					     o->headings[i].level)) {
			struct outline_heading *h = &o->headings[open[--depth]];

			h->alone = stands_alone(c, end - h->from);
		}
		if (i < o->count)
			open[depth++] = (uint32_t)i;
	}
}

/*
 * Make anchors of the headings where a long section starts, and of those
 * where one ends, unless what would stand alone there is too small. A small
 * piece goes with what follows if that lies deeper, else with what is before.
 */
static void
set_anchors(struct chunker *c)
{
	struct outline *o = &c->pieces.outline;
	struct piece *list = c->pieces.list;
	uint32_t least = c->target / SMALL_SECTION;
	size_t begin = 0, begin_level = 0;

	find_long_sections(c);
	for (size_t i = 1; i < o->count; i++) {
		struct outline_heading *h = &o->headings[i];
		uint32_t last = (uint32_t)i - 1;
		int anchor = h->alone;

		/* Does a long section end here? */
		for (; !anchor && o->headings[last].level >= h->level;
		     last = o->headings[last].parent)
			anchor = o->headings[last].alone;
		if (!anchor || list[h->piece].cut != CHUNK_HEADING)
			continue;
		if (h->from - list[begin].from < least && begin > 0 &&
		    h->level <= begin_level)
			list[begin].cut = CHUNK_HEADING;
		else if (h->from - list[begin].from < least)
			continue;
		list[h->piece].cut = CHUNK_SECTION;
		begin = h->piece;
		begin_level = h->level;
	}
	if (begin > 0 && text_end(c) - list[begin].from < least)
		list[begin].cut = CHUNK_HEADING;
}

/*
 * How likely a piece is an anchor in a long stretch without one: the better
 * the cut in front of it the more, and then by its words.
 */
static uint32_t
anchor_rank(const struct piece *p, uint64_t words)
{
	static const uint8_t kinds[CHUNK_CUTS] = {[CHUNK_HEADING] = 1,
	    [CHUNK_BEHIND_CODE] = 1,
	    [CHUNK_BLOCK] = 2,
	    [CHUNK_ITEM] = 3,
	    [CHUNK_BLANK_LINE] = 4,
	    [CHUNK_ROW] = 4,
	    [CHUNK_OUTER_LINE] = 5,
	    [CHUNK_SENTENCE] = 5,
	    [CHUNK_LINE] = 6};
	uint64_t h = words * 0xD6E8FEB86659FD93u;

	return (kinds[p->cut] - 1u) << RANK_BITS |
	       (uint32_t)(h >> (64 - RANK_BITS));
}

static void
set_ranks(struct chunker *c, size_t first, size_t end)
{
	uint64_t words, below = 0;

	for (size_t i = end; i-- > first;) {
		struct piece *p = &c->pieces.list[i];

		words = piece_list_words(&c->pieces, p->start, p->end);
		/* Many headings are alike; the words below them are not. */
		p->rank = anchor_rank(p, p->own ? words * 3 + below : words);
		below = words;
	}
}

static int
is_ranked(const struct piece *p)
{
	return p->rank >> RANK_BITS < CHUNK_CUTS;
}

/* Whether an anchor there would part a block. */
static int
is_in_block(const struct piece *p)
{
	return p->cut > CHUNK_IN_ITEM;
}

/* Whether no other piece of [first, end) near i has as low a rank. */
static int
is_lowest(const struct piece *list, size_t i, size_t first, size_t end,
    uint32_t range)
{
	for (size_t k = i; k-- > first;) {
		if (list[i].from - list[k].from > range)
			break;
		if (list[k].rank <= list[i].rank)
			return 0;
	}
	for (size_t k = i + 1; k < end; k++) {
		if (list[k].from - list[i].from > range)
			break;
		if (list[k].rank < list[i].rank)
			return 0;
	}
	return 1;
}

/*
 * How far two anchors in a long section are apart, at least. The stretches
 * between them do not part well into chunks of any size: the nearer the target
 * is to the limit, the fewer of them there may be.
 */
static uint32_t
anchor_range(const struct chunker *c)
{
	uint64_t most = (uint64_t)c->max * FAR_RANGE;
	uint64_t slack = c->max - c->target;
	/* 3/4 of the target, if that is the default. */
	uint64_t range = (uint64_t)c->target * c->max / 32 * 9;

	return (uint32_t)(range < most * slack ? range / slack : most);
}

/*
 * Anchors inside a long section, as an edit at its top would else move all
 * cuts below: pieces whose rank is the lowest far and wide. What is an anchor
 * depends on the text around it only.
 */
static void
part_long_section(struct chunker *c, size_t first, size_t end)
{
	struct piece *list = c->pieces.list;
	uint32_t near = anchor_range(c), far = c->max * LINE_RANGE;
	uint32_t stop = list[end - 1].to;

	set_ranks(c, first, end);
	if (stop - list[first].from < 2 * (uint64_t)near)
		return;
	if (far < near)
		far = near;
	for (size_t i = first + 1; i < end; i++)
		if (is_ranked(&list[i]) &&
		    list[i].from - list[first].from >= c->target &&
		    stop - list[i].from >= c->target &&
		    is_lowest(list, i, first, end,
			is_in_block(&list[i]) ? far : near))
			list[i].cut = CHUNK_ANCHOR;
}

/* The end of the pieces that start at first and are packed by themselves. */
static size_t
stretch_end(const struct chunker *c, size_t first, enum chunk_cut worst)
{
	size_t end = first + 1;

	while (end < c->pieces.count && c->pieces.list[end].cut > worst)
		end++;
	return end;
}

/* Packing. */

/* In how many of the STEPS to the limit a size is. */
static uint64_t
steps_of(const struct chunker *c, uint32_t size)
{
	return size * c->steps_factor >> 32;
}

/* The cost of a chunk of that size by itself. */
static uint32_t
size_cost(const struct chunker *c, uint32_t size)
{
	return c->costs[size < c->max ? steps_of(c, size) : STEPS];
}

/*
 * Whether all of the pieces make one chunk without a look at the costs: below
 * the target any cut makes two chunks that are both further away from it.
 */
static int
is_one_chunk(const struct chunker *c, size_t first, size_t end)
{
	const struct piece *p = &c->pieces.list[first];
	uint32_t size = c->pieces.list[end - 1].to - p->from;

	return size <= c->target && size + p->context <= c->max;
}

/* What a chunk that starts with the piece costs more. */
static uint32_t
cut_cost(const struct piece *p)
{
	uint32_t words = p->rank & ((1u << RANK_BITS) - 1);

	return cuts[p->cut].cost + (cuts[p->cut].chance * words >> RANK_BITS);
}

/* A chunk by its first piece, and what the best way to its end with it costs.
 */
struct choice {
	uint64_t cost;
	size_t first;
};

/*
 * Choose the chunk that starts with piece i and ends at to, if it costs no
 * more. Whether it does cannot be foretold: there is no branch on it.
 */
static inline void
choose(struct choice *best, const struct chunker *c, size_t i, uint32_t to,
    int has_room)
{
	const struct way *way = &c->ways[i];
	uint32_t size = to - way->from, room = has_room ? c->max : way->room;
	uint64_t cost = way->cost + size_cost(c, size);

	/* In tokens a later piece may have no room where the first has. */
	cost += (uint64_t)(size > room) * NO_WAY;
	best->first = cost <= best->cost ? i : best->first;
	best->cost = cost <= best->cost ? cost : best->cost;
}

/*
 * Find the best chunk that ends with piece j, among those that start with an
 * piece from first on, the first for which the limit leaves room. Context gives
 * way only to what cannot be cut, from the piece glued on. Returns what the way
 * with the chunk costs.
 */
static uint64_t
pack_last(struct chunker *c, size_t first, size_t glued, size_t j)
{
	const struct way *last = &c->ways[j];
	uint32_t to = c->pieces.list[j].to;
	uint64_t cost = last->cost + size_cost(c, to - last->from);
	struct choice best = {UINT64_MAX, j};
	size_t i = first;

	for (; i < glued; i++)
		choose(&best, c, i, to, 0);
	for (; i < j; i++)
		choose(&best, c, i, to, 1);
	if (cost <= best.cost)
		best = (struct choice){cost, j};
	c->before[j] = (uint32_t)best.first;
	return best.cost;
}

/* Find the cheapest way through the pieces [first, end). */
static void
pack(struct chunker *c, size_t first, size_t end)
{
	size_t glued = first;
	uint64_t cost = 0;

	for (size_t j = first; j < end; j++) {
		const struct piece *p = &c->pieces.list[j];
		uint32_t context = p->context < c->max ? p->context : c->max;

		if (p->cut != CHUNK_GLUED)
			glued = j;
		if (j > first)
			cost += cut_cost(p);
		c->ways[j] = (struct way){cost, p->from, c->max - context};
		while (first < j && p->to - c->ways[first].from > c->max)
			first++;
		cost = pack_last(c, first, glued, j);
	}
}

/* The kind of cut in front of piece i, or at the end. */
static enum chunk_cut
cut_at(const struct chunker *c, size_t i)
{
	return i < c->pieces.count ? (enum chunk_cut)c->pieces.list[i].cut
				   : CHUNK_TEXT_END;
}

static uint32_t
size_between(const struct chunker *c, size_t start, size_t end)
{
	return measure_text(&c->pieces.at, c->pieces.text + start, end - start);
}

static void
set_size(const struct chunker *c, struct chunk *chunk, uint32_t size)
{
	chunk->parts = size;
	chunk->size = (size + c->scale - 1) / c->scale;
	chunk->room = size < c->max ? c->max - size : 0;
	if (chunk->room > c->max / ROOM_SHARE)
		chunk->room = c->max / ROOM_SHARE;
}

static void
new_chunk(struct chunker *c, size_t first, size_t last, enum chunk_cut cut,
    uint32_t size, int loose)
{
	const struct piece *p = &c->pieces.list[first];
	const struct piece *z = &c->pieces.list[last];
	struct chunk *chunk;

	if (c->count == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 64;
		c->chunks = x_realloc(c->chunks, c->cap, sizeof(*chunk));
	}
	chunk = &c->chunks[c->count++];
	*chunk = (struct chunk){.start = p->start,
	    .end = z->end,
	    .char_start = char_marks_chars(&c->pieces.char_marks, p->start),
	    .char_end = char_marks_chars(&c->pieces.char_marks, z->end),
	    .loose = (uint32_t)loose,
	    .piece = (uint32_t)first,
	    .cut = cut};
	set_size(c, chunk, size);
}

/* Add the chunk of pieces first to last. */
static void
add_chunk(struct chunker *c, size_t first, size_t last, enum chunk_cut cut)
{
	const struct piece *list = c->pieces.list;
	uint32_t size = list[last].to - list[first].from;
	size_t middle = first + (last - first) / 2;
	int loose = 0;

	for (size_t i = first; i <= last; i++)
		loose |= list[i].loose;
	/* Parts of a word may join to more tokens than they have apart. */
	if (loose)
		size = size_between(c, list[first].start, list[last].end);
	if (loose && size > c->max && last > first) {
		add_chunk(c, first, middle, cut_at(c, middle + 1));
		add_chunk(c, middle + 1, last, cut);
	} else {
		new_chunk(c, first, last, cut, size, loose);
	}
}

/* Add the chunks of pieces [first, end), which pack has gone through. */
static void
add_chunks(struct chunker *c, size_t first, size_t end)
{
	size_t last = end, next;

	/* The way is known from its end; turn it round in place. */
	for (next = end; next > first;) {
		uint32_t start = c->before[next - 1];

		c->ways[start].cost = next;
		next = start;
	}
	for (next = first; next < end; next = last) {
		last = (size_t)c->ways[next].cost;
		add_chunk(c, next, last - 1, cut_at(c, last));
	}
}

/* Overlap. */

/* Where the next whole sentence, line or row in the piece begins, or its end.
 */
static size_t
next_start(struct chunker *c, const struct piece *p, size_t from)
{
	const char *text = c->pieces.text;
	const char *nl;

	if (c->pieces.blocks[p->block].kind == MARKDOWN_PARAGRAPH)
		return p->start +
		       cut_next(&c->pieces.cut, from - p->start, CUT_SENTENCE);
	nl = memchr(text + from, '\n', p->end - from);
	return nl ? (size_t)(nl + 1 - text) : p->end;
}

/* The earliest start in the piece from where to end it is at most room. */
static size_t
overlap_in(struct chunker *c, const struct piece *p, size_t end, size_t room)
{
	size_t at = p->start;

	cut_start(&c->pieces.cut, c->pieces.text + p->start, p->end - p->start,
	    !c->options.plain);
	while (at < p->end && size_between(c, at, end) > room)
		at = next_start(c, p, at);
	return at < p->end ? at : end;
}

/*
 * Whether a piece may be repeated from within the piece, in front of another:
 * it is nothing but text, or of the same block, one over the limit.
 */
static int
is_divisible(
    const struct chunker *c, const struct piece *p, const struct piece *behind)
{
	const struct markdown_block *b = &c->pieces.blocks[p->block];

	return p->block == behind->block ||
	       (b->kind == MARKDOWN_PARAGRAPH && p->end <= b->end);
}

/* Whether no sentence, line or row begins before the piece and goes on in it.
 */
static int
starts_whole(const struct piece *p)
{
	return p->cut <= CHUNK_LINE;
}

/*
 * Where in the piece what is repeated in front of chunk i begins, at most room
 * of it and not so much that the chunk before would lie within; or its end.
 */
static size_t
repeat_from(struct chunker *c, const struct piece *p, size_t i, size_t room)
{
	const struct chunk *chunk = &c->chunks[i];
	int divisible = is_divisible(c, p, &c->pieces.list[chunk->piece]);
	size_t at = p->start;

	if (divisible)
		at = overlap_in(c, p, chunk->start, room);
	else if (p->continues || size_between(c, at, chunk->start) > room)
		return p->end;
	if (at > c->chunks[i - 1].start)
		return at;
	return divisible ? next_start(c, p, at) : p->end;
}

/*
 * Let chunk i begin earlier, as far as it may and room is left: with a whole
 * sentence, line or row, and not before another heading.
 */
static void
overlap(struct chunker *c, size_t i)
{
	struct chunk *chunk = &c->chunks[i];
	const struct piece *list = c->pieces.list, *first = &list[chunk->piece];
	size_t least = c->chunks[i - 1].piece, start = chunk->start;
	size_t size = (size_t)(chunk->size * c->scale), room;

	room =
	    c->max - size > first->context ? c->max - size - first->context : 0;
	if (room > c->options.overlap * c->scale)
		room = c->options.overlap * c->scale;
	for (size_t k = chunk->piece; k-- > least;) {
		const struct piece *p = &list[k];
		size_t at;

		if (p->heading != first->heading || p->own)
			break;
		at = repeat_from(c, p, i, room);
		if (at >= p->end)
			break;
		if (at > p->start || starts_whole(p))
			start = at;
		if (at > p->start)
			break;
	}
	if (start == chunk->start ||
	    size_between(c, start, chunk->end) > c->max)
		return;
	chunk->overlap = chunk->start - start;
	chunk->char_start = char_marks_chars(&c->pieces.char_marks, start);
	chunk->start = start;
	chunk->loose = 1;
	set_size(c, chunk, size_between(c, start, chunk->end));
}

size_t
chunk_split(struct chunker *c, const char *text, size_t n, const char *title,
    size_t title_n)
{
	size_t first = 0, end;

	c->count = 0;
	piece_read(&c->pieces, text, n, title, title_n);
	if (c->pieces.count == 0)
		return 0;
	if (c->pieces.count > c->ways_cap) {
		c->ways_cap = c->pieces.cap;
		c->ways = x_realloc(c->ways, c->ways_cap, sizeof(*c->ways));
		c->before =
		    x_realloc(c->before, c->ways_cap, sizeof(*c->before));
	}
	set_anchors(c);
	for (; first < c->pieces.count; first = end) {
		end = stretch_end(c, first, CHUNK_SECTION);
		if (!is_one_chunk(c, first, end))
			part_long_section(c, first, end);
	}
	for (first = 0; first < c->pieces.count; first = end) {
		end = stretch_end(c, first, CHUNK_ANCHOR);
		if (is_one_chunk(c, first, end)) {
			add_chunk(c, first, end - 1, cut_at(c, end));
			continue;
		}
		pack(c, first, end);
		add_chunks(c, first, end);
	}
	/* From the last on, as what is repeated belongs to the one before. */
	for (size_t i = c->count; c->options.overlap > 0 && i-- > 1;)
		overlap(c, i);
	return c->count;
}

const struct chunk *
chunk_get(const struct chunker *c, size_t i)
{
	return &c->chunks[i];
}

size_t
chunk_target(const struct chunker *c)
{
	return c->options.target;
}

uint32_t
chunk_heading(const struct chunker *c, size_t i)
{
	return c->pieces.list[c->chunks[i].piece].heading;
}

size_t
chunk_with_next(const struct chunker *c, size_t i)
{
	const struct piece *list = c->pieces.list;

	if (i + 1 == c->count)
		return 0;
	return (list[c->chunks[i + 1].piece].to -
		   list[c->chunks[i].piece].from + c->scale - 1) /
	       c->scale;
}

size_t
chunk_path(const struct chunker *c, size_t i,
    struct chunk_text path[static CHUNK_LEVELS])
{
	struct outline_text found[OUTLINE_DEPTH];
	size_t n = outline_path(&c->pieces.outline, chunk_heading(c, i), found);

	for (size_t k = 0; k < n; k++)
		path[k] = (struct chunk_text){found[k].s, found[k].n};
	return n;
}

/* Tokens of a chunk behind its context of context_n bytes. */
static size_t
context_tokens(const struct chunker *c, const struct chunk *chunk,
    const char *context, size_t context_n)
{
	const char *text = c->pieces.text + chunk->start;
	size_t n = chunk->end - chunk->start, tokens;
	struct buf whole = {0};

	/*
	 * The line end between them ends a word, but o200k_base may have a
	 * slash behind it; a word without end was not counted exactly.
	 */
	if (c->pieces.at.unit == MEASURE_TOKENS && !chunk->loose &&
	    (context_n == 0 || *text != '/')) {
		if (context_n == 0)
			return chunk->size;
		buf_add(&whole, context, context_n);
		buf_putc(&whole, '\n');
		tokens = chunk->size +
			 token_count(c->counter, whole.data, whole.len);
	} else {
		buf_add(&whole, context, context_n);
		if (context_n > 0)
			buf_putc(&whole, '\n');
		buf_add(&whole, text, n);
		tokens = token_count(c->counter, whole.data, whole.len);
	}
	buf_free(&whole);
	return tokens;
}

/* What a context of n bytes and a line end add to an estimate. */
static size_t
estimate_context(const char *context, size_t n)
{
	return n == 0 ? 0
		      : (size_t)token_estimate_text(context, n) +
			    estimate_go(context[n - 1], "\n", 1);
}

/* The same for a limit in tokens, in the unit: these, or parts of them. */
static size_t
whole_size(const struct chunker *c, const struct chunk *chunk,
    const char *context, size_t n)
{
	if (c->counter != NULL)
		return context_tokens(c, chunk, context, n);
	/* The text's own was measured as if behind a line end. */
	return (size_t)chunk->parts + estimate_context(context, n);
}

void
chunk_context(const struct chunker *c, size_t i, struct buf *out)
{
	const struct chunk *chunk = &c->chunks[i];
	struct outline_context context =
	    piece_list_context(&c->pieces, chunk->piece);
	uint32_t room = (uint32_t)chunk->room;
	size_t begin = out->len;

	outline_context(&c->pieces.outline, &context, room, out);
	if (c->options.unit != CHUNK_TOKENS)
		return;
	/* Headings were counted one by one: all in all it may be more. */
	while (out->len > begin && room > 0 &&
	       whole_size(c, chunk, out->data + begin, out->len - begin) >
		   c->max) {
		room = room < 4 * c->scale ? 0 : room - 4 * c->scale;
		out->len = begin;
		outline_context(&c->pieces.outline, &context, room, out);
	}
}

/* Tokens of chunk i without a vocabulary, in TOKEN_PARTS. */
static size_t
estimate(
    const struct chunker *c, size_t i, const char *context, size_t context_n)
{
	const struct chunk *chunk = &c->chunks[i];
	size_t n = chunk->end - chunk->start;

	if (c->options.unit == CHUNK_TOKENS)
		return whole_size(c, chunk, context, context_n);
	if (c->options.estimate)
		return token_estimate_text(c->pieces.text + chunk->start, n) +
		       estimate_context(context, context_n);
	return token_estimate(
	    n + context_n, chunk->char_end - chunk->char_start +
			       utf8_count(context, context_n));
}

size_t
chunk_tokens(
    const struct chunker *c, size_t i, const char *context, size_t context_n)
{
	if (c->counter != NULL)
		return context_tokens(c, &c->chunks[i], context, context_n);
	return (estimate(c, i, context, context_n) + TOKEN_PARTS - 1) /
	       TOKEN_PARTS;
}
