/*
 * markdown_block - the blocks that a line continues and opens
 */
#ifndef MARKDOWN_BLOCK_H
#define MARKDOWN_BLOCK_H

struct markdown_scan;

/* Scan the current line, of any kind. */
void markdown_block_scan_line(struct markdown_scan *s);

#endif
