/*
 * webhook_event - what the body of a webhook's request means
 *
 * Events of Firecrawl (docs/formats.md, 1) say when a crawl begins and ends;
 * any other JSON is to be ingested. If the source has a map, the body is for
 * the map, whatever is in it. Pure.
 */
#ifndef WEBHOOK_EVENT_H
#define WEBHOOK_EVENT_H

#include <stddef.h>

enum {
	WEBHOOK_EVENT_ID_MAX = 256, /* bytes of an id */
	WEBHOOK_EVENT_TYPE_MAX = 128
};

struct webhook_event {
	/* "body", "started", "ended" or "record", as pl.receive has them. */
	const char *action;
	char type[WEBHOOK_EVENT_TYPE_MAX + 1];	 /* "": it has none */
	char delivery[WEBHOOK_EVENT_ID_MAX + 1]; /* "": it has none */
	char crawl[WEBHOOK_EVENT_ID_MAX + 1];	 /* "": it is of no crawl */
};

/*
 * Read the n bytes of a body, its text. has_map: the source has a map.
 * delivery, or NULL, is the id that a header gave; without one, the id in the
 * body counts if the source has no map, or if its sender is Firecrawl
 * (signs_id). 0, or -1 with *why (static): the body is refused.
 */
int webhook_event_read(const char *text, size_t n, int has_map, int signs_id,
    const char *delivery, struct webhook_event *e, const char **why);

#endif
