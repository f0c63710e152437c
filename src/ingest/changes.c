#include "changes.h"

#include "base/alloc.h"
#include "ingest.h"

void
ingest_changes_note(
    struct ingest *in, struct document_text url, struct document_text scrape)
{
	struct ingest_change *c;

	in->changes = x_realloc(in->changes, in->change_count + 1, sizeof(*c));
	c = in->changes + in->change_count++;
	c->url = x_memdup(url.s, url.n);
	c->scrape = x_memdup(scrape.s ? scrape.s : "", scrape.n);
}
