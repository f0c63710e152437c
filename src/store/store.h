/*
 * store - the parts of pl-store: what is collected, what is written
 *
 * A document is collected until its "end" record, then waits in the batch for
 * the transaction. Lines that are passed on wait behind it, so that the order
 * of the output is the order of the input.
 */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "record/record.h"
#include "store/collection.h"

struct progress;
struct db;
struct chunk_id;

enum store_fate {
	STORE_GOOD,
	STORE_REFUSED, /* an error record takes its place */
	STORE_DROPPED  /* an error record of another stage has told already */
};

struct store_document {
	uint8_t id[DIGEST_UUID];
	char id_text[DIGEST_UUID_TEXT];
	struct buf rows;
	unsigned generation;	/* of the collection the rows were made for */
	int64_t chunks;		/* rows */
	int64_t failed;		/* chunks that an error record stands for */
	int64_t top;		/* highest index seen, or -1 */
	int twice;		/* an index came twice */
	struct buf seen;	/* a bit per index */
	struct chunk_id *ident; /* of chunks that come without an id */
	struct buf strings;	/* what the members below point into */
	const char *source, *url, *title, *content_hash, *lease;
	uint8_t task[DIGEST_UUID];
	int64_t attempt;
	enum store_fate fate;
	enum record_class class; /* of a refusal */
	const char *code;
	struct buf why;
};

/* One thing to print after the commit: a document, or a line held back. */
struct store_item {
	struct store_document *doc; /* NULL: a line */
	size_t at, len;
};

struct store {
	struct db *db;
	struct record_out *out;
	struct progress *progress;
	size_t batch_documents, batch_bytes;
	double retry_for;   /* seconds */
	double retry_until; /* 0: the server is not known to be away */
	int partial;	    /* something was refused */
	int unavailable;    /* ... because the server was away */
	uint64_t stored;    /* documents */
	uint64_t stale;	    /* documents of stale_task, not told yet */
	char stale_task[DIGEST_UUID_TEXT];
	struct collection v;
	enum collection_distance distance;
	unsigned generation; /* counts changes of v */

	struct store_document **open; /* in the order they were begun */
	size_t n_open, cap_open;
	struct store_document **spare;
	size_t n_spare, cap_spare;
	struct store_item *items; /* the batch */
	size_t n_items, cap_items;
	size_t n_documents, bytes; /* in the batch */
	struct buf held;	   /* lines of the batch */

	float *vector;
	size_t cap_vector;
	const char **headings;
	size_t *heading_lens;
	size_t cap_headings;
	yyjson_alc *memory;
};

/* store_collect.c */

void store_take_chunk(struct store *s, const struct record *r);
void store_take_end(struct store *s, const struct record *r);
void store_take_error(struct store *s, const struct record *r);
/* At the end of the input: what has no "end" is refused. */
void store_finish(struct store *s);
/* Refuse the whole document. The first reason counts. */
void store_refuse(struct store_document *doc, enum record_class class,
    const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Hand back a document that is done with. */
void store_release(struct store *s, struct store_document *doc);
void store_free(struct store *s);

/* store_batch.c */

/* Pass a line on, behind what is in the batch. */
void store_pass(struct store *s, const char *line, size_t n);
/* Write an error record, after closing the batch, and say it. */
void store_error(struct store *s, const struct record_error *e);
/* Say how many documents a lost lease has cost. */
void store_tell_stale(struct store *s);
/* Put a document at the end of the batch; it is the batch's now. */
void store_add(struct store *s, struct store_document *doc);
/* Store what is in the batch, then print what became of it, in order. */
void store_close_batch(struct store *s);
/*
 * Make sure that the collection is known, creating it for this model and
 * width. 0, or -1 having refused the document.
 */
int store_know_collection(struct store *s, struct store_document *doc,
    const char *model, size_t width);

#endif
