/*
 * table - rows of cells as aligned text that fits a width
 *
 * Pure: the result is appended to a buffer. Widths are counted in terminal
 * cells, and control characters of a cell's text never reach the output.
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

struct buf;
struct table;

enum {
	TABLE_RIGHT = 1, /* aligned to the right, as numbers are */
	TABLE_FLEX = 2,	 /* may be cut at its end when space is short */
	TABLE_TAIL = 4,	 /* may be cut at its beginning, as urls are */
	TABLE_WRAP = 8	 /* goes on in further lines; the last column only */
};

enum table_paint { TABLE_PLAIN, TABLE_GOOD, TABLE_DOUBTFUL, TABLE_BAD };

struct table_column {
	const char *heading;
	int flags;
};

/* A table of n columns, borrowed as long as the table lives. */
struct table *table_new(const struct table_column *columns, size_t n);
void table_free(struct table *t);
/*
 * Add the next cell, row by row from left to right. s is copied; NULL is empty.
 */
void table_cell(struct table *t, const char *s);
/* As table_cell, with formatted text. */
void table_cellf(struct table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Show the cell that was added last in a colour of ECMA-48. */
void table_paint(struct table *t, enum table_paint paint);
/* The sequences that begin a colour, and end it; "" for TABLE_PLAIN. */
const char *table_paint_begin(enum table_paint paint);
const char *table_paint_end(enum table_paint paint);
/* Number of complete rows. */
size_t table_rows(const struct table *t);
/*
 * Append headings and rows, each line with its newline and no blanks at its
 * end. Lines are at most width cells if the columns that may be cut allow it.
 */
void table_format(const struct table *t, size_t width, struct buf *out);
/*
 * Append s without control characters, in lines of at most width cells. The
 * first line continues the line in out, the others begin with indent blanks. No
 * newline at the end.
 */
void table_wrap(struct buf *out, const char *s, size_t indent, size_t width);

#endif
