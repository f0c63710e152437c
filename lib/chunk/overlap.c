#include "chunk/overlap.h"

#include <string.h>

#include "chunk/chunker.h"

/* The start of the next sentence, line or row in the piece, or its end. */
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

/* The first start in the piece from which the text up to end fits, or end. */
static size_t
overlap_in(struct chunker *c, const struct piece *p, size_t end, size_t room)
{
	size_t at = p->start;

	cut_start(&c->pieces.cut, c->pieces.text + p->start, p->end - p->start,
	    !c->options.plain);
	while (at < p->end && chunker_size_between(c, at, end) > room)
		at = next_start(c, p, at);
	return at < p->end ? at : end;
}

/*
 * Whether a part of a piece may be repeated before the piece behind: the piece
 * is only text, or both are parts of one block, which is over the limit.
 */
static int
is_divisible(
    const struct chunker *c, const struct piece *p, const struct piece *behind)
{
	const struct markdown_block *b = &c->pieces.blocks[p->block];

	return p->block == behind->block ||
	       (b->kind == MARKDOWN_PARAGRAPH && p->end <= b->end);
}

/* Whether the piece begins with a whole sentence, line or row. */
static int
starts_whole(const struct piece *p)
{
	return p->cut <= CHUNK_LINE;
}

/*
 * The start, in the piece, of the text that chunk i repeats: at most room, and
 * less than the whole chunk before. The end of the piece if nothing is
 * repeated.
 */
static size_t
repeat_from(struct chunker *c, const struct piece *p, size_t i, size_t room)
{
	const struct chunk *chunk = &c->chunks[i];
	int divisible = is_divisible(c, p, &c->pieces.list[chunk->piece]);
	size_t at = p->start;

	if (divisible)
		at = overlap_in(c, p, chunk->start, room);
	else if (p->continues ||
		 chunker_size_between(c, at, chunk->start) > room)
		return p->end;
	if (at > c->chunks[i - 1].start)
		return at;
	return divisible ? next_start(c, p, at) : p->end;
}

/*
 * Let chunk i begin earlier, as far as it may and room is left: with a whole
 * sentence, line or row, and not before another heading.
 */
void
overlap_before(struct chunker *c, size_t i)
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
	    chunker_size_between(c, start, chunk->end) > c->max)
		return;
	chunk->overlap = chunk->start - start;
	chunk->char_start = char_marks_chars(&c->pieces.char_marks, start);
	chunk->start = start;
	chunk->loose = 1;
	chunker_set_size(c, chunk, chunker_size_between(c, start, chunk->end));
}
