/*
 * markdown - Markdown block scanner
 *
 * One pass over the lines of a text gives its leaf blocks in order: what
 * CommonMark 0.30 and the GFM table extension call paragraphs, headings, code
 * and so on, with the containers around them reduced to a depth. It also
 * knows front matter, footnotes and ::: directives. No tree is built, inline
 * text is not looked at, and time is linear in the text.
 */
#ifndef MARKDOWN_H
#define MARKDOWN_H

#include <stddef.h>

#include "text/markdown_type.h"

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
