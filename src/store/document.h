/*
 * document - the documents that are being collected
 *
 * A document is open from its first record to its end record. Then it is
 * detached and belongs to the batch, and it is released after it was stored or
 * refused.
 */
#ifndef STORE_DOCUMENT_H
#define STORE_DOCUMENT_H

#include <stdint.h>

#include "record/error_record.h"

struct store;
struct store_document;

/* The open document with that id, or NULL. */
struct store_document *store_document_find(struct store *s, const uint8_t *id);
/* Open a document. */
struct store_document *store_document_begin(struct store *s, const uint8_t *id);
/* Take a document out of the open ones; the caller owns it. */
void store_document_detach(struct store *s, const struct store_document *doc);
/* Keep a detached document's memory for another one. */
void store_document_release(struct store *s, struct store_document *doc);
/* Note the index of a chunk or of its error; also notes a repeated index. */
void store_document_note_index(struct store_document *doc, int64_t index);
/* Refuse the whole document. The first reason counts. */
void store_document_refuse(struct store_document *doc, enum error_class class,
    const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Take back a refusal, before another transaction or refusal. */
void store_document_forgive(struct store_document *doc);
/* Drop a document for which another stage has written the error record. */
void store_document_drop(struct store_document *doc);
/* Free all. */
void store_document_free_all(struct store *s);

#endif
