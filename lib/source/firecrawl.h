/*
 * firecrawl - results of Firecrawl's API
 *
 * Status bodies of crawls and batch scrapes of v0, v1 and v2, webhook bodies,
 * the list of failed pages, single documents, and answers without a page.
 */
#ifndef FIRECRAWL_H
#define FIRECRAWL_H

struct source;
struct yyjson_val;

/* A status or webhook body, or the answer of /scrape. */
int firecrawl_is_result(struct yyjson_val *v);
void firecrawl_read_result(struct source *s, struct yyjson_val *v);
/* A page of a status body that is read in items, and the body without pages. */
void firecrawl_read_item(struct source *s, struct yyjson_val *v);
void firecrawl_read_rest(struct source *s, struct yyjson_val *v);

/* The list of failed pages: GET /crawl/ID/errors. */
int firecrawl_is_errors(struct yyjson_val *v);
void firecrawl_read_errors(struct source *s, struct yyjson_val *v);

/* A single document. */
int firecrawl_is_page(struct yyjson_val *v);
void firecrawl_read_page(struct source *s, struct yyjson_val *v);

/*
 * An answer without pages: it has success or error, and no text under any key
 * that a document may have.
 */
int firecrawl_is_answer(struct yyjson_val *v);
void firecrawl_read_answer(struct source *s, struct yyjson_val *v);

#endif
