/*
 * markdown_type - the blocks of Markdown, and their list
 *
 * Every block consists of whole lines. Blocks do not overlap. Between two
 * blocks there is only white space and markers of block quotes. A byte order
 * mark before the text is in no block.
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
	MARKDOWN_MARKER	    /* of an item or quote without content */
};

enum { MARKDOWN_DEPTH_MAX = 32, MARKDOWN_TEXT_MAX = 0x7FFFFFFF };

struct markdown_block {
	uint32_t start; /* offset of its first line */
	uint32_t end;	/* end of its last line, without the line end */
	uint32_t head;	/* end of a table's header, or a fence's first line */
	unsigned kind : 8;   /* enum markdown_kind */
	unsigned level : 7;  /* of a heading, 1 to 6 */
	unsigned quoted : 1; /* it is in a quote */
	unsigned depth : 8;  /* number of quotes, items, footnotes around it */
	unsigned item : 8;   /* depth of the item that it begins, or 0 */
};

/* The blocks of a text. Begin with zeros; may be used for many texts. */
struct markdown {
	struct markdown_block *blocks;
	size_t count;
	size_t cap;
	size_t taken; /* by markdown_next, of count */
	struct markdown_scan *scan;
	struct line_ends lines;
};

#endif
