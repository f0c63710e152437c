/*
 * markdown - Markdown block scanner
 *
 * One pass over the lines of a text gives its leaf blocks in order: paragraphs,
 * headings, code and so on, as CommonMark 0.30 and the GFM table extension
 * define them. The containers around a block are reduced to a depth. The
 * scanner also knows front matter, footnotes and ::: directives. It builds no
 * tree and does not parse inline text; time is linear in the text.
 */
#ifndef MARKDOWN_H
#define MARKDOWN_H

#include <stddef.h>

#include "text/markdown_type.h"

/*
 * Begin with a text, which is borrowed. Bytes behind MARKDOWN_TEXT_MAX are
 * ignored. A plain text has only paragraphs, separated by blank lines.
 */
void markdown_start(struct markdown *m, const char *text, size_t n, int plain);
/*
 * The next block, or NULL at the end. The caller may change the block, which is
 * valid until the next call. If *more is set, the block that follows is at [1].
 * Only some blocks are in memory at a time.
 */
struct markdown_block *markdown_next(struct markdown *m, int *more);
/* Scan the whole text, which is not plain, into m->blocks. */
void markdown_scan(struct markdown *m, const char *text, size_t n);
void markdown_free(struct markdown *m);

#endif
