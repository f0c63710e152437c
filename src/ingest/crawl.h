/*
 * crawl - read a crawl from Firecrawl's API, or start one
 *
 * A crawl is read when it has ended, from its first page, by the loop of
 * docs/formats.md, 2.3: a part that cannot be had fails the run.
 */
#ifndef INGEST_CRAWL_H
#define INGEST_CRAWL_H

struct ingest;
struct ingest_api;

/* Wait until the crawl has ended, and read its pages. */
void ingest_crawl_read(
    struct ingest *in, struct ingest_api *api, const char *id, int is_new);
/*
 * Start a crawl as the options say. Returns its id, which the caller frees, or
 * NULL after the failure was reported.
 */
char *ingest_crawl_start(struct ingest *in, struct ingest_api *api);

#endif
