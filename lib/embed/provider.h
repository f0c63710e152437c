/*
 * provider - the contract between a provider of embeddings and its callers
 *
 * A provider either embeds by itself (open, run, close), or writes a request
 * and reads its answer (request, response, refusal). It does no I/O; embedder
 * sends the requests.
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

/* The settings of a request; NULL and 0 leave a key out. */
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
	/* Not to be shown, whatever the answer says; see text/mask.h. */
	const char *const *secrets;
};

/* Why there are no vectors, and what can be done. */
struct embed_verdict {
	enum error_class class;
	int retry;	    /* the same request may succeed soon */
	int split;	    /* one text may be at fault: halve the batch */
	int lasting;	    /* any other text would fail, too */
	double retry_after; /* seconds that the server asks for, or 0 */
	char code[64];	    /* a word for programs: "invalid_api_key" */
	char message[512];  /* a line of UTF-8: the fault, what to do */
};

struct embed_provider {
	const char *name;
	const char *model;    /* default; NULL: the name has the width */
	const char *base_url; /* default; NULL: works offline */
	const char *path;     /* appended to the base URL */

	/* Offline. */
	void *(*open)(size_t dimensions);
	void (*run)(void *handle, const char *text, size_t n, float *out);
	void (*close)(void *handle);

	/* By HTTP: append the body of a request for n texts. */
	void (*request)(struct buf *body, const struct embed_settings *settings,
	    const struct embed_text *texts, size_t n);
	/*
	 * Read an answer 200: n vectors of *width numbers, in the
	 * order of the texts, in one array that the caller frees. 0, or -1 with
	 * *why, unless there are exactly n valid vectors of one width.
	 */
	int (*response)(const struct embed_answer *answer, size_t n,
	    float **vectors, size_t *width, struct embed_verdict *why);
	/* Set *why for any other answer. */
	void (*refusal)(
	    const struct embed_answer *answer, struct embed_verdict *why);
};

#endif
