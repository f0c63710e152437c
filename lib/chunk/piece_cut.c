#include "chunk/piece_cut.h"

#include <string.h>

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

static void add_text(struct pieces *p, uint32_t base, uint32_t from,
    uint32_t to, uint32_t block, enum cut_level level, enum chunk_cut cut,
    uint32_t room);

/* Add a part of a text, for add_text. */
static void
add_part(struct pieces *p, uint32_t base, uint32_t from, uint32_t next,
    uint32_t block, enum cut_level level, enum chunk_cut cut, uint32_t room)
{
	uint32_t end = piece_list_trim_end(p, from, next), left = room;

	if (p->glue != PIECE_LIST_NO_GLUE && piece_list_room_at(p, from) < room)
		left = piece_list_room_at(p, from);
	if (level + 1 < CUT_LEVELS && !piece_list_fits(p, from, end, left))
		add_text(p, base, from, end, block, level + 1, cut, room);
	else if (end > from)
		piece_list_add(p, from, end, block, cut);
	p->glue = PIECE_LIST_NO_GLUE;
}

/*
 * Add text[from, to) of block, in parts of at most room, cut at level, or at
 * lower levels if a part is too large. base is where the text of p->cut starts.
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
			i += piece_list_take_all(
			    p, base, from, ends + i, n - i, cut);
			from = base + ends[i - 1];
		}
	}
}

void
piece_cut_text(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
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
		if (piece_list_trim_end(p, from, end) > from &&
		    indent_of(p, from, end) < least)
			least = indent_of(p, from, end);
	}
	return least;
}

/* Add a block of lines that is larger than the limit. */
void
piece_cut_lines(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
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

			if (piece_list_fits(
				p, from, second, piece_list_room_at(p, from)))
				end = second;
		}
		last = piece_list_trim_end(p, from, end);
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
		if (!piece_list_take(p, from, last, cut)) {
			if (!piece_list_fits(
				p, from, last, piece_list_room_at(p, from)))
				piece_cut_text(
				    p, from, last, block, cut, p->limit);
			else
				piece_list_add(p, from, last, block, cut);
			p->glue = PIECE_LIST_NO_GLUE;
		}
		first = after_blank = 0;
	}
}

/* The end of the table cell at from. A pipe at from does not end it. */
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

/* Find the ends of table cells, the first at from; at most CUT_PIECES. */
static size_t
find_cells(const struct pieces *p, uint32_t from, uint32_t to,
    uint32_t ends[static CUT_PIECES])
{
	size_t n = 0;

	while (n < CUT_PIECES && from < to) {
		from = cell_end(p, piece_list_skip_white(p, from, to), to);
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
			uint32_t end = piece_list_trim_end(p, from, ends[i]);

			if (!piece_list_fits(p, from, end, room))
				piece_cut_text(p, from, end, block, cut, room);
			else if (end > from)
				piece_list_add(p, from, end, block, cut);
			p->glue = PIECE_LIST_NO_GLUE;
			cut = CHUNK_CELL;
			from = ends[i++];
			i += piece_list_take_all(
			    p, 0, from, ends + i, n - i, cut);
			from = ends[i - 1];
		}
	}
}

/* Add a table that is larger than the limit. */
void
piece_cut_table(struct pieces *p, uint32_t from, uint32_t to, uint32_t block,
    enum chunk_cut cut)
{
	const struct markdown_block *b = &p->blocks[block];
	uint32_t end, header = piece_list_size_ahead(p, from, b->head) + 1;
	uint32_t rows = p->limit;
	int first = 1;

	/* Leave room for the header, which is repeated above later rows. */
	if (header <= p->limit / PIECE_LIST_CONTEXT_SHARE)
		rows -= header;
	for (; from < to; from = end + (end < to)) {
		uint32_t last,
		    room = first ? piece_list_room_at(p, from) : rows;

		end = line_end(p, from, to);
		if (first && b->head < to) {
			/* Header and first row, else header, else its lines. */
			end = line_end(p, b->head + 1, to);
			if (!piece_list_fits(p, from, end, room))
				end = b->head;
			if (!piece_list_fits(p, from, end, room))
				end = line_end(p, from, to);
		}
		last = piece_list_trim_end(p, from, end);
		if (last > from && !piece_list_fits(p, from, last, room))
			add_row(p, from, last, block, cut, room);
		else if (last > from)
			piece_list_add(p, from, last, block, cut);
		p->glue = PIECE_LIST_NO_GLUE;
		cut = CHUNK_ROW;
		first = 0;
	}
}
