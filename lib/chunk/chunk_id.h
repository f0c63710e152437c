/*
 * chunk_id - the ids of a document's chunks
 *
 * An id depends on the document's id, the chunk's text and how often that
 * text occurred before in the document, never on positions, so that it
 * survives edits elsewhere. Within a document ids are unique.
 */
#ifndef CHUNK_ID_H
#define CHUNK_ID_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

enum { CHUNK_ID_BATCH = 16 /* ids that are made at once, at most */ };

struct chunk_id;

struct chunk_id *chunk_id_new(void);
void chunk_id_free(struct chunk_id *c);
/* Begin a document. */
void chunk_id_start(
    struct chunk_id *c, const uint8_t document[static DIGEST_UUID]);
/*
 * The id of its next chunk: UUIDv5(document, name), name being the bytes of a
 * 128-bit hash of the text and the number, in four bytes, of equal hashes
 * before; both lowest byte first. As that number parts them, ids are unique
 * even if texts are made to collide; so a fast hash will do.
 */
void chunk_id_make(struct chunk_id *c, const void *text, size_t n,
    char id[static DIGEST_UUID_TEXT]);
/*
 * The same of its next n chunks, at most CHUNK_ID_BATCH, which is faster: of
 * the bodies of texts, as a head is no part of the chunk.
 */
void chunk_id_make_all(struct chunk_id *c, const struct digest_text *texts,
    size_t n, char ids[static CHUNK_ID_BATCH][DIGEST_UUID_TEXT]);

#endif
