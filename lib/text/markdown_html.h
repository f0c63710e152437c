/*
 * markdown_html - HTML blocks (CommonMark 0.30, 4.6)
 */
#ifndef MARKDOWN_HTML_H
#define MARKDOWN_HTML_H

struct markdown_scan;

/* Type of the HTML block that starts at first, 1 to 7 as in the spec, or 0. */
char markdown_html_start(const struct markdown_scan *s, int in_paragraph);
/* Whether an HTML block of types 1 to 5 ends on this line. */
int markdown_html_ends(const struct markdown_scan *s);

#endif
