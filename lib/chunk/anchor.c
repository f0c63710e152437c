#include "chunk/anchor.h"

#include "chunk/chunker.h"

enum {
	FAR_RANGE = 4,	   /* times the limit: largest anchor_range */
	LINE_RANGE = 2,	   /* times the limit: least range in a block */
	SMALL_SECTION = 4, /* below 1/4 of the target: never alone */
};

static uint32_t
text_end(const struct chunker *c)
{
	return c->pieces.list[c->pieces.count - 1].to;
}

/*
 * Whether a section of this size reaches the target, and its chunks have at
 * least 2/3 of the target on average, which a section just over the limit may
 * miss.
 */
static int
stands_alone(const struct chunker *c, uint32_t size)
{
	uint64_t parts = (size + (uint64_t)c->max - 1) / c->max;

	return size >= c->target && (uint64_t)size * 3 >= parts * c->target * 2;
}

/* Mark the sections that are long enough, subsections included. */
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
 * Make anchors of the headings where a long section starts or ends, unless the
 * text between two anchors would be too small. A small text is joined to the
 * text behind it if that is deeper in the outline, else to the text before it.
 */
void
anchor_set_sections(struct chunker *c)
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
 * The rank of a piece in a long stretch without anchors; the lowest rank
 * becomes an anchor. The better the cut before a piece, the lower is its rank;
 * words decide between equal cuts.
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

	return (kinds[p->cut] - 1u) << CHUNKER_RANK_BITS |
	       (uint32_t)(h >> (64 - CHUNKER_RANK_BITS));
}

static void
set_ranks(struct chunker *c, size_t first, size_t end)
{
	uint64_t words, below = 0;

	for (size_t i = end; i-- > first;) {
		struct piece *p = &c->pieces.list[i];

		words = piece_list_words(&c->pieces, p->start, p->end);
		/* Many headings have the same words; the text below differs. */
		p->rank = anchor_rank(p, p->own ? words * 3 + below : words);
		below = words;
	}
}

static int
is_ranked(const struct piece *p)
{
	return p->rank >> CHUNKER_RANK_BITS < CHUNK_CUTS;
}

/* Whether an anchor there would split a block. */
static int
is_in_block(const struct piece *p)
{
	return p->cut > CHUNK_IN_ITEM;
}

/* Whether piece i has the lowest rank within range; of equals, the first. */
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
 * The least distance between two anchors in a long section. The text between
 * two anchors cannot always be divided into chunks near the target: the nearer
 * the target is to the limit, the larger the distance must be.
 */
static uint32_t
anchor_range(const struct chunker *c)
{
	uint64_t most = (uint64_t)c->max * FAR_RANGE;
	uint64_t slack = c->max - c->target;
	/* 3/4 of the target, if the target is the default. */
	uint64_t range = (uint64_t)c->target * c->max / 32 * 9;

	return (uint32_t)(range < most * slack ? range / slack : most);
}

/*
 * Make anchors inside a long section; without them an edit at its top would
 * move all cuts below. An anchor is a piece with the lowest rank within a
 * range, so it depends only on the text around it.
 */
void
anchor_part_section(struct chunker *c, size_t first, size_t end)
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
