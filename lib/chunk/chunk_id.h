/*
 * ident - the ids of a document's chunks
 *
 * An id depends on the document's id, the chunk's text and how often that
 * text occurred before in the document, never on positions, so that it
 * survives edits elsewhere. Within a document ids are unique.
 */
#ifndef IDENT_H
#define IDENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

enum { IDENT_BATCH = 16 /* ids that are made at once, at most */ };

struct ident;

struct ident *ident_new(void);
void ident_free(struct ident *ident);
/* Begin a document. */
void ident_start(
    struct ident *ident, const uint8_t document[static DIGEST_UUID]);
/*
 * The id of its next chunk: UUIDv5(document, name), name being the bytes of a
 * 128-bit hash of the text and the number, in four bytes, of equal hashes
 * before; both lowest byte first. As that number parts them, ids are unique
 * even if texts are made to collide; so a fast hash will do.
 */
void ident_chunk(struct ident *ident, const void *text, size_t n,
    char id[static DIGEST_UUID_TEXT]);
/*
 * The same of its next n chunks, at most IDENT_BATCH, which is faster: of the
 * bodies of texts, as a head is no part of the chunk.
 */
void ident_chunks(struct ident *ident, const struct digest_text *texts,
    size_t n, char ids[static IDENT_BATCH][DIGEST_UUID_TEXT]);

#endif
