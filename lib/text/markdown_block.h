/*
 * markdown_block - what a line continues and opens
 */
#ifndef MARKDOWN_BLOCK_H
#define MARKDOWN_BLOCK_H

struct markdown_scan;

/* Take the line, whatever it is. */
void markdown_block_scan_line(struct markdown_scan *s);

#endif
