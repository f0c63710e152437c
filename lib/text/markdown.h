/*
 * md - Markdown block scanner
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
#ifndef MD_H
#define MD_H

#include <stddef.h>
#include <stdint.h>

#include "text/line_ends.h"

struct buf;
struct scan;

enum md_kind {
	MD_PARAGRAPH, /* link reference definitions too */
	MD_HEADING,
	MD_FENCE,
	MD_CODE, /* indented */
	MD_TABLE,
	MD_HTML,
	MD_RULE,
	MD_FRONT,     /* YAML or TOML front matter */
	MD_DIRECTIVE, /* a ::: line, opening or closing */
	MD_MARKER     /* of an item or quote, with nothing behind it */
};

enum { MD_DEPTH_MAX = 32, MD_TEXT_MAX = 0x7FFFFFFF };

struct md_block {
	uint32_t start; /* of its first line */
	uint32_t end;	/* of its last line, without the line end */
	uint32_t head;	/* table, fence: end of the header rows, opening line */
	unsigned kind : 8;   /* enum md_kind */
	unsigned level : 7;  /* of a heading, 1 to 6 */
	unsigned quoted : 1; /* it is in a quote */
	unsigned depth : 8;  /* how many quotes, items and footnotes it is in */
	unsigned item : 8;   /* it begins a list item: its depth, from 1 */
};

/* The blocks of a text; start from zeros and use it again and again. */
struct md {
	struct md_block *blocks;
	size_t count;
	size_t cap;
	size_t taken; /* of them, by md_next */
	struct scan *scan;
	struct lines lines;
};

/*
 * Begin with a text, which is borrowed, or at most MD_TEXT_MAX bytes of it. If
 * it is plain, paragraphs are all that there is, separated by blank lines.
 */
void md_start(struct md *md, const char *text, size_t n, int plain);
/*
 * The next block, or NULL at the end; it may be changed, and is gone with the
 * next call. *more says whether another follows, at [1]. Memory is used for
 * some at a time.
 */
struct md_block *md_next(struct md *md, int *more);
/* Scan text, which is not plain, into md->blocks as a whole. */
void md_scan(struct md *md, const char *text, size_t n);
void md_free(struct md *md);

/*
 * Append the words of a heading block in no container: without markers, link
 * targets, emphasis, HTML tags and {#id}, white space collapsed.
 */
void md_heading_text(
    struct buf *out, const char *text, const struct md_block *heading);

#endif
