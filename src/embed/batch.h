/*
 * batch - records in, the same with vectors out, a batch at a time
 *
 * Chunks wait until their batch is full, too large, or the input would block;
 * records of other types wait with them, so the order never changes.
 */
#ifndef EMBED_BATCH_H
#define EMBED_BATCH_H

#include <stddef.h>

struct embedder;
struct record;
struct record_out;
struct embed_batch;

enum { EMBED_BATCH_BYTES_MAX = 8 << 20 }; /* of all records that wait */

struct embed_batch_options {
	size_t chunks; /* most in one request */
	size_t bytes;  /* most text in one request */
	int base64;    /* how the vectors are written */
	int progress;  /* shown whatever standard error is */
};

/* What went wrong so far: kinds of errors that were written. */
enum {
	EMBED_BATCH_REFUSED = 1,     /* records at fault */
	EMBED_BATCH_UNAVAILABLE = 2, /* the server, for now */
	EMBED_BATCH_HOPELESS = 4     /* key, quota, model */
};

/*
 * Both are borrowed. Every function below ends the process with CLI_FAILED
 * when standard output does not take a record.
 */
struct embed_batch *embed_batch_new(struct embedder *embedder,
    struct record_out *out, const struct embed_batch_options *options);
void embed_batch_free(struct embed_batch *b);
/* Take a record as read. */
void embed_batch_add(struct embed_batch *b, const struct record *r);
/* Take the error of a line that was refused (RECORD_REFUSED). */
void embed_batch_add_refused(struct embed_batch *b, const struct record *r);
/* Embed and write all that waits, and flush. */
void embed_batch_close(struct embed_batch *b);
/* While its embedder waits: say so of the document whose turn it is. */
void embed_batch_wait(struct embed_batch *b);
/* End the progress display; returns what went wrong. */
int embed_batch_finish(struct embed_batch *b);

#endif
