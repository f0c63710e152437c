/*
 * document_load - saved documents as records
 *
 * A document without content is not loaded.
 */
#ifndef DOCUMENT_LOAD_H
#define DOCUMENT_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct db;

/*
 * Load saved documents (n ids of 16 bytes): got is called for each document
 * that has content, with its record as one line of JSON, valid during the call.
 * 0, or -1 with db_error.
 */
int document_load(struct db *db, const uint8_t *ids, size_t n,
    void (*got)(
	void *argument, const uint8_t *id, const char *line, size_t len),
    void *argument);

#endif
