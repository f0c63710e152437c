/*
 * markdown_type - blocks of Markdown, and what holds them
 *
 * Every block consists of whole lines. Blocks do not overlap; what lies
 * between two of them is blank but for the markers of block quotes. A byte
 * order mark in front of the text is in none.
 */
#ifndef MARKDOWN_TYPE_H
#define MARKDOWN_TYPE_H

#include <stddef.h>
#include <stdint.h>

#include "text/line_ends.h"

struct markdown_scan;

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
	struct markdown_scan *scan;
	struct line_ends lines;
};

#endif
