#include "tool/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "text/harmless.h"

enum { GAP = 2, NARROWEST = 6 };
enum { FLEXIBLE = TABLE_FLEX | TABLE_TAIL | TABLE_WRAP };

struct table {
	const struct table_column *columns;
	size_t n;
	char **cells;
	unsigned char *paints; /* enum table_paint of each cell */
	size_t used, cap, paint_cap;
};

struct table *
table_new(const struct table_column *columns, size_t n)
{
	struct table *t = x_calloc(1, sizeof(*t));

	t->columns = columns;
	t->n = n;
	return t;
}

void
table_free(struct table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->used; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t->paints);
	free(t);
}

/* Text from outside must not control the terminal or break the line. */
static char *
harmless(const char *s)
{
	struct buf b = {0};

	harmless_put(&b, s, strlen(s));
	return b.data != NULL ? b.data : x_strdup("");
}

void
table_cell(struct table *t, const char *s)
{
	t->cells = x_grow(t->cells, t->used, &t->cap, sizeof(*t->cells));
	t->paints = x_grow(t->paints, t->used, &t->paint_cap, 1);
	t->paints[t->used] = TABLE_PLAIN;
	t->cells[t->used++] = harmless(s ? s : "");
}

void
table_paint(struct table *t, enum table_paint paint)
{
	t->paints[t->used - 1] = (unsigned char)paint;
}

const char *
table_paint_begin(enum table_paint paint)
{
	static const char *const begin[] = {
	    "", "\033[32m", "\033[33m", "\033[31m"};

	return begin[paint];
}

const char *
table_paint_end(enum table_paint paint)
{
	return paint == TABLE_PLAIN ? "" : "\033[m";
}

void
table_cellf(struct table *t, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	table_cell(t, text);
}

size_t
table_rows(const struct table *t)
{
	return t->n > 0 ? t->used / t->n : 0;
}

/* Terminal cells of a code point: 2 in the blocks that terminals show wide. */
static size_t
cells_of(uint32_t c)
{
	static const uint32_t wide[][2] = {{0x1100, 0x115F}, {0x2E80, 0xA4CF},
	    {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
	    {0xFF00, 0xFF60}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};

	if ((c >= 0x300 && c <= 0x36F) || (c >= 0x200B && c <= 0x200F))
		return 0;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (c >= wide[i][0] && c <= wide[i][1])
			return 2;
	return 1;
}

/* Terminal cells of valid UTF-8. */
static size_t
width_of(const char *s, size_t n)
{
	size_t cells = 0, step;
	uint32_t code;

	for (; n > 0; s += step, n -= step) {
		step = utf8_step(s, n, &code);
		cells += cells_of(code);
	}
	return cells;
}

static void
measure(const struct table *t, size_t *widths)
{
	for (size_t c = 0; c < t->n; c++)
		widths[c] = strlen(t->columns[c].heading);
	for (size_t i = 0; i < table_rows(t) * t->n; i++) {
		size_t w = width_of(t->cells[i], strlen(t->cells[i]));

		if (w > widths[i % t->n])
			widths[i % t->n] = w;
	}
}

/*
 * Narrow the widest column that may be cut, again and again, until the line
 * fits.
 */
static void
squeeze(const struct table *t, size_t *widths, size_t width)
{
	size_t total = GAP * (t->n - 1);

	for (size_t c = 0; c < t->n; c++)
		total += widths[c];
	for (; total > width; total--) {
		size_t widest = t->n;

		for (size_t c = 0; c < t->n; c++)
			if (t->columns[c].flags & FLEXIBLE &&
			    widths[c] > NARROWEST &&
			    (widest == t->n || widths[c] > widths[widest]))
				widest = c;
		if (widest == t->n)
			return;
		widths[widest]--;
	}
}

static void
blanks(struct buf *out, size_t n)
{
	for (; n > 0; n--)
		buf_putc(out, ' ');
}

/* Append as much of s as fits, with an ellipsis where it was cut. */
static size_t
put_cut(struct buf *out, const char *s, int flags, size_t width)
{
	size_t n = strlen(s), cells = width_of(s, n), step;
	uint32_t code;

	if (cells <= width) {
		buf_puts(out, s);
		return cells;
	}
	if (flags & TABLE_TAIL) {
		for (; cells >= width; cells -= cells_of(code)) {
			step = utf8_step(s, n, &code);
			s += step;
			n -= step;
		}
		utf8_put(out, 0x2026);
		buf_add(out, s, n);
		return cells + 1;
	}
	cells = 0;
	for (;; s += step, n -= step) {
		step = utf8_step(s, n, &code);
		if (cells + cells_of(code) >= width)
			break;
		buf_add(out, s, step);
		cells += cells_of(code);
	}
	utf8_put(out, 0x2026);
	return cells + 1;
}

/* How many bytes of s go on one line: up to a blank, if possible. */
static size_t
line_of(const char *s, size_t width)
{
	size_t n = strlen(s), at = 0, blank = 0, cells = 0, step;
	uint32_t code;

	for (; at < n; at += step) {
		step = utf8_step(s + at, n - at, &code);
		cells += cells_of(code);
		if (s[at] == ' ')
			blank = at;
		if (cells > width)
			return blank > 0 ? blank : at > 0 ? at : step;
	}
	return n;
}

static void
put_wrapped(struct buf *out, const char *s, size_t indent, size_t width)
{
	for (;;) {
		size_t n = line_of(s, width);

		buf_add(out, s, n);
		s += n;
		s += strspn(s, " ");
		if (*s == '\0')
			return;
		buf_putc(out, '\n');
		blanks(out, indent);
	}
}

void
table_wrap(struct buf *out, const char *s, size_t indent, size_t width)
{
	char *text = harmless(s);

	put_wrapped(out, text, indent,
	    width > indent + NARROWEST ? width - indent : NARROWEST);
	free(text);
}

/* Append a cell in its colour; its width. */
static size_t
put_cell(const struct table *t, const char *s, size_t column, int paint,
    size_t at, size_t width, struct buf *out)
{
	int flags = t->columns[column].flags;
	size_t cells = width;

	buf_puts(out, table_paint_begin((enum table_paint)paint));
	if (flags & TABLE_WRAP)
		put_wrapped(out, s, at, width);
	else
		cells = put_cut(out, s, flags, width);
	buf_puts(out, table_paint_end((enum table_paint)paint));
	return cells;
}

/* paints is NULL for the headings. */
static void
put_row(const struct table *t, const char *const *cells,
    const unsigned char *paints, const size_t *widths, struct buf *out)
{
	size_t gap = 0, at = 0;

	/*
	 * Write the gap only before more text, so that no line ends with
	 * blanks.
	 */
	for (size_t c = 0; c < t->n; c++) {
		size_t w = width_of(cells[c], strlen(cells[c]));

		if (w > widths[c])
			w = widths[c];
		if (t->columns[c].flags & TABLE_RIGHT)
			gap += widths[c] - w;
		if (w > 0) {
			blanks(out, gap);
			w = put_cell(t, cells[c], c,
			    paints ? paints[c] : TABLE_PLAIN, at,
			    t->columns[c].flags & TABLE_WRAP ? widths[c] : w,
			    out);
			gap = 0;
		}
		if (!(t->columns[c].flags & TABLE_RIGHT))
			gap += widths[c] - w;
		gap += GAP;
		at += widths[c] + GAP;
	}
	buf_putc(out, '\n');
}

void
table_format(const struct table *t, size_t width, struct buf *out)
{
	size_t *widths = x_calloc(t->n, sizeof(*widths));
	const char **headings = x_calloc(t->n, sizeof(*headings));

	measure(t, widths);
	squeeze(t, widths, width);
	for (size_t c = 0; c < t->n; c++)
		headings[c] = t->columns[c].heading;
	put_row(t, headings, NULL, widths, out);
	for (size_t r = 0; r < table_rows(t); r++)
		put_row(t, (const char *const *)t->cells + r * t->n,
		    t->paints + r * t->n, widths, out);
	free(widths);
	free(headings);
}
