#include "listing.h"

#include <string.h>
#include <yyjson.h>

#include "ingest.h"
#include "record/document.h"
#include "record/listing_record.h"
#include "tool/output.h"

void
ingest_listing_note(struct ingest *in, const struct document *d)
{
	struct buf *source = &in->listing.source;

	if (source->len == 0)
		buf_add(source, d->source.s, d->source.n);
	/* What belongs to several sources lists none of them. */
	if (d->source.n != source->len ||
	    memcmp(d->source.s, source->data, source->len) != 0)
		ingest_listing_lacks(in);
	else
		in->listing.documents++;
}

void
ingest_listing_lacks(struct ingest *in)
{
	in->listing.is_partial = 1;
}

void
ingest_listing_take(struct ingest *in, yyjson_val *root)
{
	struct listing_record l = listing_record_get(root);

	if (!l.is_complete || (uint64_t)l.documents > in->listing.pages)
		ingest_listing_lacks(in);
	in->listing.pages = 0;
}

void
ingest_listing_put(struct ingest *in)
{
	const char *source = in->listing.source.data;
	struct listing_record l = {.is_complete = !in->listing.is_partial,
	    .documents = (int64_t)in->listing.documents};

	if (in->options.source_name != NULL)
		source = in->options.source_name;
	l.source = source != NULL ? source : DOCUMENT_SOURCE;
	l.source_len = strlen(l.source);
	output_check(listing_record_put(in->out, &l));
}
