/*
 * document - the documents that are being collected
 *
 * A document is open from its first record to its end. Then it is detached,
 * the batch's, and released after it was stored or refused.
 */
#ifndef STORE_DOCUMENT_H
#define STORE_DOCUMENT_H

#include <stdint.h>

#include "record/error_record.h"

struct store;
struct store_document;

/* The open document with that id, or NULL. */
struct store_document *store_document_find(struct store *s, const uint8_t *id);
/* Open one. */
struct store_document *store_document_begin(struct store *s, const uint8_t *id);
/* It is open no longer. */
void store_document_detach(struct store *s, const struct store_document *doc);
/* Hand back a document that is done with, and not open. */
void store_document_release(struct store *s, struct store_document *doc);
/* Note that a chunk or its error came; an index that repeats is noted too. */
void store_document_note_index(struct store_document *doc, int64_t index);
/* Refuse the whole document. The first reason counts. */
void store_document_refuse(struct store_document *doc, enum error_class class,
    const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* It is good again, for another transaction or refusal. */
void store_document_forgive(struct store_document *doc);
/* An error record of another stage has told of it already. */
void store_document_drop(struct store_document *doc);
/* Free all. */
void store_document_free_all(struct store *s);

#endif
