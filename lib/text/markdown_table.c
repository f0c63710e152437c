#include "text/markdown_table.h"

#include "text/markdown_chars.h"
#include "text/markdown_scan.h"

/* Count the cells of the row text[from, to). Escaped pipes end no cell. */
static unsigned
count_cells(const char *text, size_t from, size_t to)
{
	unsigned pipes = 0;

	while (from < to && is_space(text[from]))
		from++;
	while (to > from && is_space(text[to - 1]))
		to--;
	if (from == to)
		return 0;
	if (text[from] == '|' && ++from == to)
		return 0;
	for (size_t i = from; i < to; i++) {
		if (text[i] == '\\')
			i++;
		else if (text[i] == '|' && i + 1 < to)
			pipes++;
	}
	return pipes + 1;
}

/* Count the cells of a delimiter row such as |---|:-:|; 0 if it is none. */
static unsigned
delimiter_cells(const struct markdown_scan *s)
{
	size_t i = s->first;
	unsigned cells = 0;
	int marked =
	    markdown_scan_peek(s, i) == '|'; /* not an underline or rule */

	i += (size_t)marked;
	for (;;) {
		unsigned dashes;
		size_t start;

		while (is_space(markdown_scan_peek(s, i)))
			i++;
		if (i >= s->end)
			break;
		start = i;
		i += markdown_scan_peek(s, i) == ':';
		dashes = markdown_scan_run_length(s, i, '-');
		if (dashes == 0)
			return 0;
		i += dashes;
		i += markdown_scan_peek(s, i) == ':';
		marked |= i - start > dashes;
		while (is_space(markdown_scan_peek(s, i)))
			i++;
		cells++;
		if (i >= s->end)
			break;
		if (markdown_scan_peek(s, i) != '|')
			return 0;
		marked = 1;
		i++;
	}
	return marked || cells > 1 ? cells : 0;
}

/*
 * Turn the last line of the open paragraph into a table's header if this line
 * is a delimiter row with the same number of cells.
 */
int
markdown_table_open(struct markdown_scan *s)
{
	size_t header = s->leaf_line, header_end = s->leaf->end;
	struct markdown_block before = *s->leaf;
	unsigned cells = delimiter_cells(s);
	size_t i = before.depth > 0 ? s->leaf_text : header;

	if (cells == 0 || count_cells(s->text, i, header_end) != cells)
		return 0;
	if (header > before.start) {
		size_t end = header - 1;

		end -= s->text[end - 1] == '\r';
		s->leaf->end = (uint32_t)end;
		markdown_scan_close_leaf(s);
		before.item = 0;
	}
	*s->leaf = before;
	s->leaf->kind = MARKDOWN_TABLE;
	s->leaf->start = (uint32_t)header;
	markdown_scan_add_line(s);
	s->leaf->head = (uint32_t)s->end;
	return 1;
}
