/*
 * batch - records in, the same with vectors out, a batch at a time
 *
 * Chunks wait until their batch is full, too large, or the input would block;
 * records of other types wait with them, so the order never changes.
 */
#ifndef BATCH_H
#define BATCH_H

#include <stddef.h>

struct embedder;
struct record;
struct record_out;
struct batch;

enum { BATCH_BYTES_MAX = 8 << 20 }; /* of all records that wait */

struct batch_options {
	size_t chunks; /* most in one request */
	size_t bytes;  /* most text in one request */
	int base64;    /* how the vectors are written */
	int progress;  /* shown whatever standard error is */
};

/* What went wrong so far: kinds of errors that were written. */
enum {
	BATCH_REFUSED = 1,     /* records at fault */
	BATCH_UNAVAILABLE = 2, /* the server, for now */
	BATCH_HOPELESS = 4     /* key, quota, model */
};

/*
 * Both are borrowed. Every function below ends the process with CLI_FAILED
 * when standard output does not take a record.
 */
struct batch *batch_new(struct embedder *embedder, struct record_out *out,
    const struct batch_options *options);
void batch_free(struct batch *b);
/* Take a record as read. */
void batch_add(struct batch *b, const struct record *r);
/* Take the error of a line that was refused (RECORD_REFUSED). */
void batch_add_refused(struct batch *b, const struct record *r);
/* Embed and write all that waits, and flush. */
void batch_close(struct batch *b);
/* End the progress display; returns what went wrong. */
int batch_finish(struct batch *b);

#endif
