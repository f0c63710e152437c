/* changes - the pages to fetch that a monitor says have changed */
#ifndef INGEST_CHANGES_H
#define INGEST_CHANGES_H

#include "record/document.h"

struct ingest;

/* A page that changed. */
struct ingest_change {
	char *url, *scrape; /* id of its new text; empty: not known */
};

/* Note a page to fetch. */
void ingest_changes_note(
    struct ingest *in, struct document_text url, struct document_text scrape);

#endif
