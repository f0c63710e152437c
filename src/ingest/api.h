/*
 * api - requests to Firecrawl's API, with retries
 *
 * Requests go to the scheme, host and port of the base URL and nowhere else,
 * and carry the key there only.
 */
#ifndef INGEST_API_H
#define INGEST_API_H

#include <stddef.h>

struct ingest;
struct ingest_api;

struct ingest_request {
	const char *path; /* behind the version: "/crawl/ID" */
	const char *body; /* POST this JSON; NULL: GET */
	int once;	  /* do not repeat what may have been done */
	int is_new;	  /* a 404 may pass: the crawl was started just now */
	int is_optional;  /* do not report an answer other than 200 */
	const char *page; /* its url in an error record, or NULL */
};

struct ingest_answer {
	long status; /* of HTTP, or 0 */
	const char
	    *body; /* an object of JSON, borrowed until the next request */
	size_t len;
};

/* Check and take key and base URL; ends the process if they are wrong. */
struct ingest_api *ingest_api_open(struct ingest *in);
void ingest_api_free(struct ingest_api *api);
/*
 * Send the request q, and again while that may help. 0 with an answer of
 * success; else -1, after the failure was reported.
 */
int ingest_api_run(struct ingest_api *api, const struct ingest_request *q,
    struct ingest_answer *answer);
/* The base URL, without the version. */
const char *ingest_api_base(const struct ingest_api *api);
/* Why the last request failed. */
const char *ingest_api_error(const struct ingest_api *api);

#endif
