/*
 * embedder - embed texts with a provider of the table
 *
 * Runs a provider (provider.h) with its server: sends requests, waits and tries
 * again where that can help, and halves a refused batch until the text at fault
 * is alone. Every text gets a vector or a verdict; all vectors of one embedder
 * have the same width.
 */
#ifndef EMBEDDER_H
#define EMBEDDER_H

#include <stddef.h>
#include <stdint.h>

#include "embed/provider.h"

struct embedder;

/* Strings are borrowed for the embedder's life; NULL and 0 mean default. */
struct embedder_options {
	const char *provider; /* default: "hash" */
	const char *model;    /* default: the provider's */
	size_t dimensions;    /* default: the model's */
	const char *base_url; /* default: the provider's */
	const char *key;      /* sent as a bearer token; never shown */
	const char *organization, *project;
	const char *encoding_format; /* "float", "base64"; default: none */
	struct yyjson_val *body;     /* further keys of the request */
	const char *const *headers;  /* further headers, "Name: value" */
	size_t header_count;
	int64_t timeout;  /* ms for one request; default 60 s */
	int retries;	  /* after the first try; 0 is none */
	int64_t max_wait; /* ms between tries; default 30 s */
	/* Called with a line about each request and wait; may be NULL. */
	void (*note)(void *argument, const char *text);
	void *note_argument;
	/*
	 * Called every WAITING_RECORD_EVERY seconds of a run that waits; may be
	 * NULL.
	 */
	void (*waiting)(void *argument);
	void *waiting_argument;
};

/* What became of one text. */
struct embedder_result {
	const float *vector;		 /* NULL: refused */
	const struct embed_verdict *why; /* of a refusal, else NULL */
};

/*
 * Open an embedder; nothing is sent yet. NULL with *why (static): no such
 * provider, a model or width that it does not have, a missing key, an invalid
 * base URL.
 */
struct embedder *embedder_open(
    const struct embedder_options *options, const char **why);
void embedder_close(struct embedder *e);
/*
 * Embed n texts, 1 at least, none empty. results[i] belongs to texts[i]; its
 * pointers are borrowed until the next run. Returns how many were refused.
 */
size_t embedder_run(struct embedder *e, const struct embed_text *texts,
    size_t n, struct embedder_result *results);

/*
 * Whether it works without a network: batches bring no gain, and it never
 * waits.
 */
int embedder_is_local(const struct embedder *e);
/* The model's name as records carry it. */
const char *embedder_model(const struct embedder *e);
/* Numbers of a vector; 0 before the first answer, if that decides it. */
size_t embedder_width(const struct embedder *e);

#endif
