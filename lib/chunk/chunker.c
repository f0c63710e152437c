#include "chunk/chunker.h"

#include "base/alloc.h"

enum { ROOM_SHARE = 4 /* context takes at most 1/4 of the limit */ };

/* The end of the pieces from first on, up to a cut that is worst or better. */
size_t
chunker_stretch_end(const struct chunker *c, size_t first, enum chunk_cut worst)
{
	size_t end = first + 1;

	while (end < c->pieces.count && c->pieces.list[end].cut > worst)
		end++;
	return end;
}

/*
 * Whether all of the pieces make one chunk, whatever the costs: below the
 * target, a cut makes two chunks that are both further away from the target.
 */
int
chunker_is_one_chunk(const struct chunker *c, size_t first, size_t end)
{
	const struct piece *p = &c->pieces.list[first];
	uint32_t size = c->pieces.list[end - 1].to - p->from;

	return size <= c->target && size + p->context <= c->max;
}

/* The kind of cut in front of piece i, or at the end. */
enum chunk_cut
chunker_cut_at(const struct chunker *c, size_t i)
{
	return i < c->pieces.count ? (enum chunk_cut)c->pieces.list[i].cut
				   : CHUNK_TEXT_END;
}

uint32_t
chunker_size_between(const struct chunker *c, size_t start, size_t end)
{
	return measure_text(&c->pieces.at, c->pieces.text + start, end - start);
}

void
chunker_set_size(const struct chunker *c, struct chunk *chunk, uint32_t size)
{
	chunk->parts = size;
	chunk->size = (size + c->scale - 1) / c->scale;
	chunk->room = size < c->max ? c->max - size : 0;
	if (chunk->room > c->max / ROOM_SHARE)
		chunk->room = c->max / ROOM_SHARE;
}

void
chunker_add(struct chunker *c, size_t first, size_t last, enum chunk_cut cut,
    uint32_t size, int loose)
{
	const struct piece *p = &c->pieces.list[first];
	const struct piece *z = &c->pieces.list[last];
	struct chunk *chunk;

	c->chunks = x_grow(c->chunks, c->count, &c->cap, sizeof(*chunk));
	chunk = &c->chunks[c->count++];
	*chunk = (struct chunk){.start = p->start,
	    .end = z->end,
	    .char_start = char_marks_chars(&c->pieces.char_marks, p->start),
	    .char_end = char_marks_chars(&c->pieces.char_marks, z->end),
	    .loose = (uint32_t)loose,
	    .piece = (uint32_t)first,
	    .cut = cut};
	chunker_set_size(c, chunk, size);
}
