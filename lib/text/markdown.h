/*
 * markdown - Markdown block scanner
 *
 * One pass over the lines of a text gives its leaf blocks in order: what
 * CommonMark 0.30 and the GFM table extension call paragraphs, headings, code
 * and so on, with the containers around them reduced to a depth. It also
 * knows front matter, footnotes and ::: directives. No tree is built, inline
 * text is not looked at, and time is linear in the text.
 *
 * Every block consists of whole lines. Blocks do not overlap; what lies
 * between two of them is blank but for the markers of block quotes. A byte
 * order mark in front of the text is in none.
 */
#ifndef MARKDOWN_H
#define MARKDOWN_H

#include <stddef.h>
#include <stdint.h>

#include "text/line_ends.h"

struct scan;

enum markdown_kind {
	MARKDOWN_PARAGRAPH, /* link reference definitions too */
	MARKDOWN_HEADING,
	MARKDOWN_FENCE,
	MARKDOWN_CODE, /* indented */
	MARKDOWN_TABLE,
	MARKDOWN_HTML,
	MARKDOWN_RULE,
	MARKDOWN_FRONT,	    /* YAML or TOML front matter */
	MARKDOWN_DIRECTIVE, /* a ::: line, opening or closing */
	MARKDOWN_MARKER	    /* of an item or quote, with nothing behind it */
};

enum { MARKDOWN_DEPTH_MAX = 32, MARKDOWN_TEXT_MAX = 0x7FFFFFFF };

struct markdown_block {
	uint32_t start; /* of its first line */
	uint32_t end;	/* of its last line, without the line end */
	uint32_t head;	/* table, fence: end of the header rows, opening line */
	unsigned kind : 8;   /* enum markdown_kind */
	unsigned level : 7;  /* of a heading, 1 to 6 */
	unsigned quoted : 1; /* it is in a quote */
	unsigned depth : 8;  /* how many quotes, items and footnotes it is in */
	unsigned item : 8;   /* it begins a list item: its depth, from 1 */
};

/* The blocks of a text; start from zeros and use it again and again. */
struct markdown {
	struct markdown_block *blocks;
	size_t count;
	size_t cap;
	size_t taken; /* of them, by markdown_next */
	struct scan *scan;
	struct line_ends lines;
};

/*
 * Begin with a text, which is borrowed, or at most MARKDOWN_TEXT_MAX bytes of
 * it. If it is plain, paragraphs are all that there is, separated by blank
 * lines.
 */
void markdown_start(struct markdown *m, const char *text, size_t n, int plain);
/*
 * The next block, or NULL at the end; it may be changed, and is gone with the
 * next call. *more says whether another follows, at [1]. Memory is used for
 * some at a time.
 */
struct markdown_block *markdown_next(struct markdown *m, int *more);
/* Scan text, which is not plain, into m->blocks as a whole. */
void markdown_scan(struct markdown *m, const char *text, size_t n);
void markdown_free(struct markdown *m);

#endif
