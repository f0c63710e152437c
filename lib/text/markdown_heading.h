/*
 * markdown_heading - the words of a heading, for paths and contexts
 *
 * The words are the text that a reader sees, as far as the line alone shows it.
 */
#ifndef MARKDOWN_HEADING_H
#define MARKDOWN_HEADING_H

struct buf;
struct markdown_block;

/*
 * Append the words of a heading block that is in no container: without markers,
 * link targets, emphasis, HTML tags and {#id}. White space is collapsed.
 */
void markdown_heading_text(
    struct buf *out, const char *text, const struct markdown_block *heading);

#endif
