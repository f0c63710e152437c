/*
 * chunk_metadata - chunks follow the metadata of their documents
 *
 * An unchanged document is not stored again, but its metadata may change.
 * Chunks that were stored with the document's metadata ("pl-chunk --metadata")
 * then get the new metadata.
 */
#ifndef CHUNK_METADATA_H
#define CHUNK_METADATA_H

struct db;

/*
 * Write the new metadata to the chunks of incoming documents whose metadata
 * changed, in all collections. Part of the transaction in which intake saves
 * the documents. 0, or -1 with db_error.
 */
int chunk_metadata_follow(struct db *d);

#endif
