/*
 * chunk_metadata - chunks follow the metadata of their documents
 *
 * A chunk that was stored with its document's metadata ("pl-chunk --metadata")
 * has the document's metadata of now, though an unchanged document is not
 * stored again.
 */
#ifndef CHUNK_METADATA_H
#define CHUNK_METADATA_H

struct db;

/*
 * Write it to the chunks of the incoming documents whose metadata changed, in
 * all collections; part of the transaction that intake saves them in. 0, or -1
 * with db_error.
 */
int chunk_metadata_follow(struct db *d);

#endif
