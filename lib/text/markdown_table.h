/*
 * markdown_table - tables (GFM's extension)
 */
#ifndef MARKDOWN_TABLE_H
#define MARKDOWN_TABLE_H

struct markdown_scan;

/*
 * Turn the last line of the open paragraph into a table's header if this line
 * is a delimiter row with the same number of cells. Returns whether it is.
 */
int markdown_table_open(struct markdown_scan *s);

#endif
