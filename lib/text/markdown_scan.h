/*
 * markdown_scan - the scanner's state: the line, the containers and the leaf
 *
 * At most one leaf is open; it is stored behind the complete blocks. A
 * container is a few numbers on a stack.
 */
#ifndef MARKDOWN_SCAN_H
#define MARKDOWN_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "text/markdown_type.h"

enum {
	MARKDOWN_SCAN_NO_LEAF = 255,
	MARKDOWN_SCAN_CODE_INDENT = 4,
	MARKDOWN_SCAN_BATCH = 256 /* blocks that are found at once */
};

struct markdown_container {
	char type;	 /* '>', or 'i' for an item or footnote */
	char empty;	 /* an item without a child so far */
	char quoted;	 /* a quote, or in a quote */
	uint16_t indent; /* columns that its later lines are indented by */
};

struct markdown_scan {
	struct markdown *markdown;
	const char *text;
	size_t n;
	size_t begin; /* start of the text, behind a byte order mark */
	int plain;

	struct markdown_container stack[MARKDOWN_DEPTH_MAX];
	unsigned depth;

	/* The open leaf, behind the complete blocks. */
	struct markdown_block *leaf;
	size_t leaf_line; /* start of its last line */
	unsigned fence_length;
	unsigned fence_indent;
	/*
	 * Offset behind the markers of that line, if in a container. It is not
	 * beside leaf_line: one load would then copy both from two recent
	 * stores, for which a processor must wait.
	 */
	size_t leaf_text;
	char fence_char;
	char html_type; /* 1 to 7, as in the spec */

	/* The current line. */
	size_t start, end, next; /* end is before \r\n, next behind it */
	size_t at;
	unsigned column;
	unsigned tab;	 /* columns that are left of the tab at offset at */
	size_t first;	 /* the next byte that is no space or tab, or end */
	unsigned indent; /* columns from column to first */
	unsigned item;	 /* depth of the first item opened here */
	size_t no_rule;	 /* offset of a byte that no rule has */
};

/* The byte at offset at of the line, or a newline behind its end. */
static inline char
markdown_scan_peek(const struct markdown_scan *s, size_t at)
{
	return at < s->end ? s->text[at] : '\n';
}

/* The number of characters c in a row at offset at of the line. */
unsigned markdown_scan_run_length(
    const struct markdown_scan *s, size_t at, char c);
/* Whether the line is blank from offset at on. */
int markdown_scan_is_blank_from(const struct markdown_scan *s, size_t at);

/* Go to the line that starts at start. */
void markdown_scan_set_line(struct markdown_scan *s, size_t start);
/* Set first and indent from at. */
void markdown_scan_find_first(struct markdown_scan *s);
/* Go on by columns of white space; a tab may be used in part. */
void markdown_scan_advance(struct markdown_scan *s, unsigned columns);
/* Go on to offset to; no tab is between first and to. */
void markdown_scan_skip_to(struct markdown_scan *s, size_t to);

/* Make room for a leaf behind the complete blocks; no leaf is open. */
void markdown_scan_set_leaf(struct markdown_scan *s);
/* Complete the open leaf, if there is one. */
void markdown_scan_close_leaf(struct markdown_scan *s);
/* Open a leaf on this line, after closing the one that is open. */
void markdown_scan_open_leaf(struct markdown_scan *s, enum markdown_kind kind);
/* Add the line to the open leaf. */
void markdown_scan_add_line(struct markdown_scan *s);
/* Open a container. Returns whether there was room for it. */
int markdown_scan_push_container(
    struct markdown_scan *s, char type, unsigned indent);
/* The number of open containers that this line continues. */
unsigned markdown_scan_match_containers(struct markdown_scan *s);

#endif
