/* monitor - fetch the pages that an event of a monitor names */
#ifndef INGEST_MONITOR_H
#define INGEST_MONITOR_H

#include "record/document.h"

struct ingest;

/* A page that changed. */
struct ingest_change {
	char *url, *scrape; /* id of its new text; empty: not known */
};

/* Note a page to fetch. */
void ingest_monitor_note(
    struct ingest *in, struct document_text url, struct document_text scrape);
/* Fetch the pages that were noted, and read them. */
void ingest_monitor_fetch(struct ingest *in);

#endif
