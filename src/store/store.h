/*
 * store - the state of pl-store
 *
 * A document is collected until its end record. Then it waits in the batch for
 * the transaction. Lines that are passed on wait behind it, so that the output
 * keeps the order of the input.
 *
 * Each struct belongs to the module that it is named after: other modules may
 * read the struct, but only functions of its own module change it. Modules,
 * from the ground up: options; document, output; server; target; batch;
 * collect.
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
	STORE_DROPPED  /* another stage has written the error record */
};

struct store_document {
	uint8_t id[DIGEST_UUID];
	char id_text[DIGEST_UUID_TEXT];
	struct buf rows;
	unsigned generation; /* of the collection, for which rows were made */
	int64_t chunks;	     /* rows */
	int64_t failed;	     /* chunks that have an error record instead */
	int64_t top;	     /* highest index seen, or -1 */
	int twice;	     /* whether an index came twice */
	struct buf seen;     /* a bit per index */
	struct chunk_id *ident; /* makes ids of chunks that come without one */
	struct buf first_error; /* of a failed chunk, a JSON object */
	/* first_error, parsed; stage and code may point into it. */
	struct yyjson_doc *reason;
	struct buf strings; /* the members below point into it */
	const char *source, *url, *title, *content_hash, *lease;
	struct collection_recipe recipe;
	uint8_t task[DIGEST_UUID];
	int64_t attempt;
	enum store_fate fate;
	enum error_class class; /* class of the error, if refused */
	const char *stage;	/* stage that refused it; NULL: pl-store */
	const char *code;
	struct buf why;
};

/* Documents without an end record yet, and spare ones. */
struct store_documents {
	struct store_document **open; /* in the order of their first records */
	size_t n_open, cap_open;
	struct store_document **spare;
	size_t n_spare, cap_spare;
};

struct store_output {
	struct record_out *out;
	struct progress *progress;
	int partial;	 /* something was refused */
	uint64_t stored; /* number of documents stored */
	uint64_t stale;	 /* documents of stale_task, not reported yet */
	char stale_task[DIGEST_UUID_TEXT];
};

struct store_server {
	struct db *db;
	struct retry away;
	double said_at;	 /* when the last waiting record was written */
	int unavailable; /* a document was refused because it was away */
};

/* The collection into which chunks are stored. */
struct store_target {
	struct collection collection;
	unsigned generation; /* counts its changes */
};

/* An item to print after the commit: a document's outcome, or a line. */
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

/* Memory that is used again for each chunk. */
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
