/*
 * crawl - crawl results that come in several parts
 *
 * Knows which pages of a crawl have been read, in any order of its parts, and
 * reports at the end which pages are missing.
 */
#ifndef CRAWL_H
#define CRAWL_H

#include <stdint.h>

struct source;
struct yyjson_val;

/* Note a part: a status body v, of which count pages were read. */
void crawl_add_part(struct source *s, struct yyjson_val *v, int64_t count);
/* Give a failure for each crawl that is not complete. */
void crawl_finish(struct source *s);
void crawl_free(struct source *s);

#endif
