/*
 * store - the state of pl-store
 *
 * A document is collected until its "end" record, then waits in the batch for
 * the transaction. Lines that are passed on wait behind it, so that the order
 * of the output is the order of the input.
 *
 * Each struct belongs to the module that it is named after: others read it,
 * and change it by that module's functions alone. Modules, from the ground
 * up: options; document, output; server; target; batch; collect.
 */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "options.h"
#include "record/error_record.h"
#include "store/collection.h"
#include "store/collection_replace.h"
#include "tool/retry.h"

struct chunk_id;
struct progress;
struct db;
struct record_out;
struct yyjson_alc;
struct yyjson_doc;

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
	struct buf first_error; /* of the failed chunks, a JSON object */
	struct yyjson_doc *reason; /* that, where stage and code are its */
	struct buf strings;	   /* what the members below point into */
	const char *source, *url, *title, *content_hash, *lease;
	uint8_t task[DIGEST_UUID];
	int64_t attempt;
	enum store_fate fate;
	enum error_class class; /* of a refusal */
	const char *stage;	/* that refused it; NULL: this one */
	const char *code;
	struct buf why;
};

/* Documents that were begun and have not ended, and spare ones. */
struct store_documents {
	struct store_document **open; /* in the order they were begun */
	size_t n_open, cap_open;
	struct store_document **spare;
	size_t n_spare, cap_spare;
};

struct store_output {
	struct record_out *out;
	struct progress *progress;
	int partial;	 /* something was refused */
	uint64_t stored; /* documents */
	uint64_t stale;	 /* documents of stale_task, not told yet */
	char stale_task[DIGEST_UUID_TEXT];
};

struct store_server {
	struct db *db;
	struct retry away;
	double said_at;	 /* that we wait for it */
	int unavailable; /* something was refused as it was away */
};

/* The collection that is stored into. */
struct store_target {
	struct collection collection;
	unsigned generation; /* counts its changes */
};

/* One thing to print after the commit: a document, or a line held back. */
struct store_item {
	struct store_document *doc; /* NULL: a line */
	size_t at, len;
};

struct store_batch {
	struct store_item *items;
	size_t n, cap;
	size_t n_documents, bytes;
	struct buf lines;
};

/* What collecting a chunk needs, kept for the next one. */
struct store_collect {
	float *vector;
	size_t cap_vector;
	const char **headings;
	size_t *heading_lens;
	size_t cap_headings;
	struct yyjson_alc *memory;
};

struct store {
	struct store_options options;
	struct store_documents documents;
	struct store_output output;
	struct store_server server;
	struct store_target target;
	struct store_batch batch;
	struct store_collect collect;
};

#endif
