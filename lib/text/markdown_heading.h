/*
 * markdown_heading - the words of a heading, for paths and contexts
 *
 * They are what a reader sees of it, as far as a look at the line tells.
 */
#ifndef MARKDOWN_HEADING_H
#define MARKDOWN_HEADING_H

struct buf;
struct markdown_block;

/*
 * Append the words of a heading block in no container: without markers, link
 * targets, emphasis, HTML tags and {#id}, white space collapsed.
 */
void markdown_heading_text(
    struct buf *out, const char *text, const struct markdown_block *heading);

#endif
