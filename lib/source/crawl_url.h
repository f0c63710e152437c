/*
 * crawl_url - the canonical form of a crawled URL
 *
 * Only parts that cannot lead to another page are changed (RFC 3986, 6.2.2 and
 * 6.2.3): letter case of scheme and host, the default port, an empty path, and
 * the fragment, unless it is a route ("#/", "#!") that a script reads. Slashes
 * and the query stay.
 */
#ifndef CRAWL_URL_H
#define CRAWL_URL_H

#include "record/document.h"

struct buf;

/* If the form differs from url, it is written to out. */
struct document_text crawl_url(struct buf *out, struct document_text url);

#endif
