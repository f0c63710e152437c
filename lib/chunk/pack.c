#include "chunk/pack.h"

#include "chunk/chunker.h"

/*
 * The cost of a chunk: CHUNK_COST, up to SHORT_COST or LONG_COST for its
 * distance from the target, and the cost of the cut before it. The words behind
 * a cut add a little, so that an edit nearby does not choose another of several
 * equal cuts. Tuned on tests/bench/chunk.
 */
enum {
	CHUNK_COST = 150,
	SHORT_COST = 100,
	LONG_COST = 40,
	TINY_COST = 300, /* less than 1/TINY of the limit */
	TINY = 10,
};

/* The cost of a chunk that is not allowed. */
#define NO_WAY ((uint64_t)1 << 62)

static const struct {
	unsigned cost;
	unsigned chance; /* most that words add, see cut_cost */
} cuts[CHUNK_CUTS] = {
    [CHUNK_HEADING] = {10, 32},
    [CHUNK_BEHIND_CODE] = {10, 32},
    [CHUNK_BLOCK] = {40, 32},
    [CHUNK_ITEM] = {55, 32},
    [CHUNK_IN_ITEM] = {80, 32},
    [CHUNK_TOLD] = {120, 32},
    [CHUNK_BLANK_LINE] = {170, 128},
    [CHUNK_ROW] = {300, 128},
    [CHUNK_OUTER_LINE] = {190, 128},
    [CHUNK_SENTENCE] = {200, 8},
    [CHUNK_LINE] = {220, 128},
    [CHUNK_CLAUSE] = {260, 0},
    [CHUNK_CELL] = {360, 0},
    [CHUNK_WORD] = {420, 0},
    [CHUNK_INSIDE] = {500, 0},
    [CHUNK_CLUSTER] = {600, 0},
    [CHUNK_CODE] = {700, 0},
    [CHUNK_GLUED] = {1000000, 0},
};

/* Set the cost of a chunk of each size, without the cut. */
void
pack_set_costs(struct chunker *c)
{
	double max = c->max, target = c->target;

	c->steps_factor = ((uint64_t)CHUNKER_STEPS << 32) / c->max;
	for (int i = 0; i <= CHUNKER_STEPS; i++) {
		double size = i * max / CHUNKER_STEPS, away, cost = CHUNK_COST;

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

/* The steps of a size; the limit has CHUNKER_STEPS. */
static uint64_t
steps_of(const struct chunker *c, uint32_t size)
{
	return size * c->steps_factor >> 32;
}

/* The cost of a chunk of this size, without the cut. */
static uint32_t
size_cost(const struct chunker *c, uint32_t size)
{
	return c->costs[size < c->max ? steps_of(c, size) : CHUNKER_STEPS];
}

/* The cost of the cut before a piece. */
static uint32_t
cut_cost(const struct piece *p)
{
	uint32_t words = p->rank & ((1u << CHUNKER_RANK_BITS) - 1);

	return cuts[p->cut].cost +
	       (cuts[p->cut].chance * words >> CHUNKER_RANK_BITS);
}

/* The first piece of a chunk, and the cost of the best way with the chunk. */
struct choice {
	uint64_t cost;
	size_t first;
};

/*
 * Choose the chunk that starts with piece i and ends at to, if it does not cost
 * more. There is no branch on the costs: they cannot be predicted.
 */
static inline void
choose(struct choice *best, const struct chunker *c, size_t i, uint32_t to,
    int has_room)
{
	const struct way *way = &c->ways[i];
	uint32_t size = to - way->from, room = has_room ? c->max : way->room;
	uint64_t cost = way->cost + size_cost(c, size);

	/* In tokens, a chunk may be too large although a longer one fits. */
	cost += (uint64_t)(size > room) * NO_WAY;
	best->first = cost <= best->cost ? i : best->first;
	best->cost = cost <= best->cost ? cost : best->cost;
}

/*
 * Find the best chunk that ends with piece j and starts with a piece from first
 * on; a chunk from an earlier piece would exceed the limit. Context is left out
 * only if it does not fit with pieces that must stay together, from glued on.
 * Returns the cost of the way that ends with the chunk.
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
void
pack_stretch(struct chunker *c, size_t first, size_t end)
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

/* Add the chunk of pieces first to last. */
void
pack_add_chunk(struct chunker *c, size_t first, size_t last, enum chunk_cut cut)
{
	const struct piece *list = c->pieces.list;
	uint32_t size = list[last].to - list[first].from;
	size_t middle = first + (last - first) / 2;
	int loose = 0;

	for (size_t i = first; i <= last; i++)
		loose |= list[i].loose;
	/* Parts of a word may have more tokens joined than apart. */
	if (loose)
		size =
		    chunker_size_between(c, list[first].start, list[last].end);
	if (loose && size > c->max && last > first) {
		pack_add_chunk(c, first, middle, chunker_cut_at(c, middle + 1));
		pack_add_chunk(c, middle + 1, last, cut);
	} else {
		chunker_add(c, first, last, cut, size, loose);
	}
}

/* Add the chunks of pieces [first, end), for which a way was found. */
void
pack_add_chunks(struct chunker *c, size_t first, size_t end)
{
	size_t last = end, next;

	/* The way is known from its end: reverse it in place. */
	for (next = end; next > first;) {
		uint32_t start = c->before[next - 1];

		c->ways[start].cost = next;
		next = start;
	}
	for (next = first; next < end; next = last) {
		last = (size_t)c->ways[next].cost;
		pack_add_chunk(c, next, last - 1, chunker_cut_at(c, last));
	}
}
