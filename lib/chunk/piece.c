#include "chunk/piece.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "chunk/piece_cut.h"

/* Fences without an info string have no first line to repeat. */
static void
drop_bare_heads(struct pieces *p, struct markdown_block *b)
{
	uint32_t end = piece_list_trim_end(p, b->start, b->head);

	if (b->kind == MARKDOWN_FENCE && b->head > 0 &&
	    (p->text[end - 1] == '`' || p->text[end - 1] == '~'))
		b->head = 0;
}

/* Whether a paragraph ends with a colon; marks of emphasis are ignored. */
static int
ends_with_colon(const struct pieces *p, const struct markdown_block *b)
{
	static const char wide[] = "\xEF\xBC\x9A";
	uint32_t end = b->end;

	if (b->kind != MARKDOWN_PARAGRAPH)
		return 0;
	while (end > b->start &&
	       (piece_list_is_white(p->text[end - 1]) ||
		   p->text[end - 1] == '*' || p->text[end - 1] == '_'))
		end--;
	if (end - b->start < 3)
		return 0;
	return p->text[end - 1] == ':' ||
	       (p->text[end - 1] == wide[2] &&
		   memcmp(p->text + end - 3, wide, 3) == 0);
}

/* Whether the block before introduces b, which is not the next list item. */
static int
is_told(const struct pieces *p, const struct markdown_block *b)
{
	return (b->depth > p->before.depth ||
		   (b->depth == p->before.depth && b->item == 0)) &&
	       ends_with_colon(p, &p->before);
}

/* Whether b is in all containers that the block before is in. */
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
	if (p->glue != PIECE_LIST_NO_GLUE)
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
 * Add a heading, text[from, to), to the piece of the heading right before it:
 * both stay in one chunk as long as they fit. Returns whether it was added.
 */
static int
add_to_heading(struct pieces *p, uint32_t from, uint32_t to)
{
	struct piece *last = &p->list[p->count - 1];
	uint32_t room = p->limit / PIECE_LIST_MERGE_BELOW * 4, used;

	if (last->end > from || !last->own)
		return 0;
	used = p->at.to - last->from;
	/* A size in bytes or code points is at most the number of bytes. */
	if (!(measure_is_plain(&p->at) && used + (to - from) <= room) &&
	    used + piece_list_size_ahead(p, from, to) > room)
		return 0;
	piece_list_go_on(p, from, to);
	piece_list_end(p, last);
	return 1;
}

/* Whether a piece begins with the heading; if not, no text is below it. */
static int
begins_piece(const struct pieces *p, uint32_t heading)
{
	uint32_t piece = p->outline.headings[heading].piece;

	return p->list[piece].heading == heading;
}

/*
 * Add a heading's block to the outline, and its text[from, to) to the piece of
 * the heading right before it, if both fit. Returns whether the text was added.
 */
static int
add_heading(struct pieces *p, const struct markdown_block *b, uint32_t from,
    uint32_t to)
{
	struct outline *o = &p->outline;
	int follows = p->glue != PIECE_LIST_NO_GLUE, added;

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

	/* A heading belongs to the text behind it in its container. */
	if (!is_inside(p, b))
		p->glue = PIECE_LIST_NO_GLUE;
	glue = p->glue;
	cut = cut_before(p, b);
	if (in_outline && add_heading(p, b, from, to))
		return;
	if (!is_heading && piece_list_take(p, from, to, cut))
		return;
	drop_bare_heads(p, b);
	block = set_block(p, b);
	if (piece_list_fits(p, from, to, piece_list_room_at(p, from)))
		piece_list_add(p, from, to, block, cut);
	else if (b->kind == MARKDOWN_TABLE)
		piece_cut_table(p, from, to, block, cut);
	else if (b->kind == MARKDOWN_PARAGRAPH || b->kind == MARKDOWN_HEADING)
		piece_cut_text(p, from, to, block, cut, p->limit);
	else
		piece_cut_lines(p, from, to, block, cut);
	if (!is_heading)
		p->glue = PIECE_LIST_NO_GLUE;
	else if (glue == PIECE_LIST_NO_GLUE || p->count != first + 1)
		p->glue = p->count - 1;
	else
		p->glue = glue;
	if (p->count > first)
		piece_list_finish(p, first, from, in_outline);
}

/* Where the text of a block starts. */
static uint32_t
block_start(const struct pieces *p, const struct markdown_block *b)
{
	/* Indentation has a meaning only in code and in lists. */
	if (b->depth == 0 &&
	    (b->kind == MARKDOWN_PARAGRAPH || b->kind == MARKDOWN_HEADING))
		return piece_list_skip_white(p, b->start, b->end);
	return b->start;
}

/*
 * The end of the text of a block, which begins at from and ends before to.
 * Markers of quotes behind it belong to it, if there is room.
 */
static uint32_t
block_end(struct pieces *p, const struct markdown_block *b, uint32_t from,
    uint32_t to)
{
	uint32_t end, own;

	if (!b->quoted)
		return piece_list_trim_end(p, from, b->end);
	end = piece_list_trim_end(p, from, to);
	if (end <= b->end || to == p->at.n)
		return end;
	own = piece_list_trim_end(p, from, b->end);
	return !piece_list_fits(p, from, end, piece_list_room_at(p, from)) &&
		       piece_list_fits(
			   p, from, own, piece_list_room_at(p, from))
		   ? own
		   : end;
}

/*
 * Add the markers of quotes before b as a block, if the block before had no
 * room for them; b may fit only without them. Returns where b begins.
 */
static uint32_t
add_markers(struct pieces *p, const struct markdown_block *b, uint32_t from)
{
	struct markdown_block markers = *b;
	uint32_t end;

	if (!b->quoted || from >= b->start || p->glue != PIECE_LIST_NO_GLUE)
		return from;
	end = piece_list_trim_end(p, from, b->start);
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
		from = b->quoted ? piece_list_skip_white(p, end, to) : to;
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
	p->glue = PIECE_LIST_NO_GLUE;
	char_marks_find(&p->char_marks, text, n);
	measure_start(&p->at, text, n, &p->char_marks);
	p->ahead = p->at;
	p->ahead_from = measure_place(&p->at);
	outline_start(&p->outline, &p->at, p->limit / PIECE_LIST_CONTEXT_SHARE,
	    title, title_n);
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
