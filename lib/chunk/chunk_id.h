/*
 * chunk_id - the ids of a document's chunks
 *
 * An id depends on the document's id, the chunk's text with its context, and
 * the number of equal chunks before it in the document. It does not depend on
 * positions, so that it survives edits elsewhere. Within a document ids are
 * unique.
 */
#ifndef CHUNK_ID_H
#define CHUNK_ID_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct chunk_id;

struct chunk_id *chunk_id_new(void);
void chunk_id_free(struct chunk_id *c);
/* Begin a document. */
void chunk_id_start(
    struct chunk_id *c, const uint8_t document[static DIGEST_UUID]);
/*
 * The id of the document's next chunk: the UUID version 8 (digest_uuid8) of the
 * SHA-256 of the document's id as text, the number of earlier chunks with the
 * same hash in eight lower-case hex digits, and the chunk's hash as in its
 * record. So text and context are hashed only once. pl-record(5) has the
 * formula, so that anybody can compute an id.
 */
void chunk_id_make(struct chunk_id *c, const char *hash, size_t n,
    uint8_t id[static DIGEST_UUID]);

#endif
