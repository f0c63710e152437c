/* search - show hits on a terminal */
#ifndef SEARCH_H
#define SEARCH_H

struct db_result;

/*
 * Print the rows of collection_search on standard output for people: at most
 * width columns, in colour if asked; a text begins near the first word of the
 * query in it.
 */
void search_show(const struct db_result *r, const double *scores,
    const char *query, int width, int colour);

#endif
