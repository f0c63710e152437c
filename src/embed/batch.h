/*
 * batch - collect records, embed their chunks, and write them, a batch at a
 * time
 *
 * Chunks wait until their batch is full, or too large, or until the input would
 * block. Records of other types wait with them, so the order never changes.
 */
#ifndef EMBED_BATCH_H
#define EMBED_BATCH_H

#include <stddef.h>

struct embed_ends;
struct embedder;
struct record;
struct record_out;
struct embed_batch;

enum { EMBED_BATCH_BYTES_MAX = 8 << 20 }; /* of all records that wait */

struct embed_batch_options {
	size_t chunks;	    /* most in one request */
	size_t bytes;	    /* most text in one request */
	int base64;	    /* write vectors as base64 */
	int progress;	    /* show progress also without a terminal */
	const char *prefix; /* in front of each text; NULL: nothing */
};

/* Kinds of the errors that were written so far; bits. */
enum {
	EMBED_BATCH_REFUSED = 1,     /* a record was at fault */
	EMBED_BATCH_UNAVAILABLE = 2, /* the server cannot be used now */
	EMBED_BATCH_HOPELESS = 4     /* key, quota or model must be corrected */
};

/*
 * Borrows embedder, out and ends. Every function below ends the process with
 * CLI_FAILED if standard output does not take a record.
 */
struct embed_batch *embed_batch_new(struct embedder *embedder,
    struct record_out *out, struct embed_ends *ends,
    const struct embed_batch_options *options);
void embed_batch_free(struct embed_batch *b);
/* Take a record that was read. */
void embed_batch_add(struct embed_batch *b, const struct record *r);
/* Take the error of a line that was refused (RECORD_REFUSED). */
void embed_batch_add_refused(struct embed_batch *b, const struct record *r);
/* Embed and write all records that wait, and flush. */
void embed_batch_close(struct embed_batch *b);
/* The embedder waits: write a waiting record for the first chunk's document. */
void embed_batch_wait(struct embed_batch *b);
/* End the progress display. Returns the kinds of errors, as bits. */
int embed_batch_finish(struct embed_batch *b);

#endif
