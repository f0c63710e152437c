/*
 * provider - the contract between a provider of embeddings and its callers
 *
 * A provider either embeds by itself (open, run, close) or is pure text work
 * around one HTTP request (request, response, refusal). It does no I/O;
 * embedder runs a provider against the world.
 */
#ifndef PROVIDER_H
#define PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#include "record/error_record.h"
#include "record/record.h"

struct buf;

/* Borrowed UTF-8, never empty. */
struct embed_text {
	const char *s;
	size_t n;
};

/* What is asked of a model; NULL and 0 leave a key out of the request. */
struct embed_settings {
	const char *model;
	size_t dimensions;
	const char *encoding_format; /* "float" or "base64" */
	struct yyjson_val *body;     /* an object of further keys */
};

/* An HTTP answer; header values are NULL when absent. */
struct embed_answer {
	long status;
	const char *body;
	size_t len;
	const char *retry_after_ms, *retry_after, *should_retry;
	int64_t now; /* Unix seconds, for a date */
};

/* Why there are no vectors, and what may be done. */
struct embed_verdict {
	enum error_class class;
	int retry;	    /* the same request may succeed soon */
	int split;	    /* one text may be at fault: halve the batch */
	int lasting;	    /* any other text would fare alike */
	double retry_after; /* seconds that were asked for, or 0 */
	char code[64];	    /* a word for programs: "invalid_api_key" */
	char message[512];  /* one line of UTF-8: what, and what to do */
};

struct embed_provider {
	const char *name;
	const char *model;    /* by default; NULL: named by its width */
	const char *base_url; /* by default; NULL: works offline */
	const char *path;     /* appended to the base URL */

	/* Offline. */
	void *(*open)(size_t dimensions);
	void (*run)(void *handle, const char *text, size_t n, float *out);
	void (*close)(void *handle);

	/* By HTTP: append the body of a request for n texts. */
	void (*request)(struct buf *body, const struct embed_settings *settings,
	    const struct embed_text *texts, size_t n);
	/*
	 * Read a 200's body into n vectors of *width, one behind the other in
	 * the order of the texts; the caller frees *vectors. 0, or -1 with
	 * *why: anything but exactly n sound vectors of one width is refused.
	 */
	int (*response)(const char *body, size_t len, size_t n, float **vectors,
	    size_t *width, struct embed_verdict *why);
	/* Judge any other answer. */
	void (*refusal)(
	    const struct embed_answer *answer, struct embed_verdict *why);
};

#endif
