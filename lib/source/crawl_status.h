/*
 * crawl_status - what an answer about a crawl says to a client of the API
 *
 * Pure. docs/formats.md, 2.3 and 2.4, has the facts. A 'next' is never a place
 * to go to, as any server may write anything there: only its offset counts.
 */
#ifndef CRAWL_STATUS_H
#define CRAWL_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "record/document.h"

struct yyjson_val;

enum crawl_state {
	CRAWL_UNKNOWN, /* no status, or one that is not known */
	CRAWL_RUNS,
	CRAWL_COMPLETED,
	CRAWL_CANCELLED,
	CRAWL_FAILED
};

struct crawl_status {
	enum crawl_state state;
	int64_t total;		   /* pages by the server's count, or 0 */
	struct document_text next; /* borrowed; empty: no further part */
	struct document_text error;
};

void crawl_status_read(struct yyjson_val *body, struct crawl_status *status);
/* A number in the query of the URL next: skip or limit; -1 if it has none. */
int64_t crawl_status_number(struct document_text next, const char *name);
/*
 * Whether next has the scheme, host and port of base, a URL without a slash at
 * its end. Letter case counts.
 */
int crawl_status_is_at(struct document_text next, const char *base);
/* Seconds to wait by a text such as "retry after 23s", or 0. */
int64_t crawl_status_wait(struct document_text text);
/* Whether a text can be the id of a crawl in a URL's path. */
int crawl_status_is_id(const char *id);

#endif
