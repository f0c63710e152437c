/*
 * listing - the last record: whether all documents of a source are there
 *
 * A document that a complete listing lacks may be deleted (pl-enqueue(1)), so
 * that in doubt the listing is not complete.
 */
#ifndef INGEST_LISTING_H
#define INGEST_LISTING_H

struct document;
struct ingest;
struct yyjson_val;

/* Note a document that was written. */
void ingest_listing_note(struct ingest *in, const struct document *d);
/* Documents may be missing: the listing is not complete. */
void ingest_listing_lacks(struct ingest *in);
/* Take the listing of an input that is the kept output of pl-ingest. */
void ingest_listing_take(struct ingest *in, struct yyjson_val *root);
/* Write the record. */
void ingest_listing_put(struct ingest *in);

#endif
