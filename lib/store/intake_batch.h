/*
 * intake_batch - collect documents as rows for COPY
 *
 * Pure: nothing is saved here. A document is in a batch at most once, and at
 * most one source of a batch may be new.
 */
#ifndef INTAKE_BATCH_H
#define INTAKE_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"

struct document;
struct error_record;

/* The kinds of incoming rows. */
enum {
	INTAKE_DOCUMENT = 'd',
	INTAKE_SAVED = 's', /* only an id; the content is saved already */
	INTAKE_FAILED = 'f' /* a page that failed before it was a document */
};

struct intake_row {
	uint8_t id[DIGEST_UUID];
	uint8_t source_id[DIGEST_UUID];
	int kind;
	size_t offset, len; /* of its COPY row in rows */
	char *url;
};

/* Zeros are an empty batch. */
struct intake_batch {
	struct buf rows;
	struct intake_row *row;
	size_t n, cap;
	size_t first; /* first row neither saved nor refused */
	size_t end;   /* end of the rows that are being saved */

	char *source_name; /* of the latest document; NULL: none yet */
	uint8_t source_id[DIGEST_UUID];
	int source_saved; /* set by whoever saves it */
};

/* As intake_add and intake_add_failed. */
int intake_batch_add(struct intake_batch *b, const struct document *doc);
int intake_batch_add_failed(
    struct intake_batch *b, const char *source, const struct error_record *e);
/* Whether one of the rows that are being saved is of the kind. */
int intake_batch_has(const struct intake_batch *b, int kind);
/* Lend the rows that are being saved, at least one: *rows points into b. */
void intake_batch_rows(const struct intake_batch *b, struct buf *rows);
/* Forget the rows; the source stays. */
void intake_batch_empty(struct intake_batch *b);
void intake_batch_free(struct intake_batch *b);

#endif
