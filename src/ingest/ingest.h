/*
 * ingest - what one run of pl-ingest has: its options, what is open, the
 * account
 *
 * main fills in the options and opens; report keeps the account.
 */
#ifndef INGEST_H
#define INGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "tool/progress.h"

struct source;
struct record_out;

/* Globs of --include or --exclude, borrowed from argv. */
struct ingest_globs {
	const char **patterns;
	size_t n;
};

struct ingest_options {
	const char *source_name, *base_url, *content_key;
	const char *type; /* of --format: a content type, or NULL */
	struct ingest_globs include, exclude;
	size_t max_record;
	int reject_invalid;
	int progress;
};

struct ingest {
	struct ingest_options options;
	/* what is open */
	struct record_out *out;
	struct source *source;
	const char *input; /* name for messages */
	uint64_t line;	   /* of the input, or 0 */
	struct buf origin; /* url of the input */
	struct buf path;   /* of the file, without "./" */
	struct progress progress;
	/* the account */
	/* Else what cannot be opened is a word misspelt, and no document. */
	int some_can_open;
	uint64_t opened, documents, failed, repeats, skipped, repaired;
};

#endif
