/*
 * embedder - texts to vectors, by any provider of the table
 *
 * Runs a provider (provider.h) against the world: asks, waits and asks again
 * where that can help, halves a batch that is refused until the text at fault
 * stands alone. Every text ends with a vector or with a verdict; all vectors
 * of one embedder have the same width.
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
	int retries;	  /* after a first try; 0 is none */
	int64_t max_wait; /* ms between tries; default 30 s */
	/* Told about requests and waits, one line each; may be NULL. */
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
 * Ready to run; nothing is sent yet. NULL with *why (static): no such
 * provider, a model or width that it does not have, no key where one is
 * needed, a base URL that is none.
 */
struct embedder *embedder_open(
    const struct embedder_options *options, const char **why);
void embedder_close(struct embedder *e);
/*
 * Embed n texts, 1 at least, none empty. results[i] belongs to texts[i]; what
 * it points to is lent until the next run. Returns how many were refused.
 */
size_t embedder_run(struct embedder *e, const struct embed_text *texts,
    size_t n, struct embedder_result *results);

/* Whether it works without a network: no gain from batches, no waits. */
int embedder_is_local(const struct embedder *e);
/* The model's name as records carry it. */
const char *embedder_model(const struct embedder *e);
/* Numbers of a vector; 0 as long as no answer told. */
size_t embedder_width(const struct embedder *e);

#endif
