/* search - the parts of pl-search: hits for people */
#ifndef SEARCH_H
#define SEARCH_H

struct db_result;

/*
 * Print the rows of collection_search on standard output, to be read: at most
 * width columns, in colour if asked, the text from where it meets the query.
 */
void search_show(const struct db_result *r, const double *scores,
    const char *query, int width, int colour);

#endif
