/*
 * chunk_record - a chunk record, which most of a pipe is (pl-record(5))
 *
 * pl-chunk writes it, pl-embed puts a vector in, pl-store reads it. Its keys
 * are optional but for document_id, index and text; one that is there must be
 * what it should be, as other programs may stand in the pipe.
 */
#ifndef CHUNK_RECORD_H
#define CHUNK_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "record/document.h"

struct buf;
struct record;
struct yyjson_val;

enum { CHUNK_RECORD_INDEX_MAX = 100000000 /* chunks of one document */ };

/* A chunk record as read; all is borrowed. Texts are NULL if not there. */
struct chunk_record {
	uint8_t document_id[DIGEST_UUID];
	int has_document; /* document_id is there */
	int64_t index;	  /* or -1: not one */
	struct document_text id, text, context, hash;
	const char *model, *lease;
	int64_t start, end, tokens;   /* or -1 */
	struct yyjson_val *headings;  /* an array of strings, or NULL */
	struct yyjson_val *metadata;  /* an object, or NULL */
	struct yyjson_val *embedding; /* any value but null, or NULL */
	const char *code;	      /* of a refusal */
	char why[160];
};

/*
 * Read all of it. 0; or -1 with why and code. Document, index and lease are
 * then still set as far as the record has them.
 */
int chunk_record_read(struct chunk_record *c, const struct record *r);
/*
 * Read what is embedded alone, text and context. 0; or -1 with why and code,
 * "wrong_type" or "no_text".
 */
int chunk_record_read_text(struct chunk_record *c, const struct record *r);
/* Append what is embedded: the context and a newline, if any, and the text. */
void chunk_record_put_text(const struct chunk_record *c, struct buf *b);
/* The hash of that, as pl-chunk writes it. */
void chunk_record_hash(
    const struct chunk_record *c, char hex[static DIGEST_HEX]);

/*
 * To put a vector in: append the record without model and embedding, as it
 * stands in the line wherever that will do, and without its closing brace.
 */
void chunk_record_open(struct buf *b, const struct record *r);
/* Append the members up to the vector: ,"model":"NAME","embedding": */
void chunk_record_put_model(struct buf *b, const char *model);

/* A chunk to be written. 0 and NULL leave overlap and context out. */
struct chunk_record_parts {
	const char *id, *document_id; /* UUIDs */
	const char *hash;	      /* SHA-256 of context and text, hex */
	uint64_t index, start, end, char_start, char_end, overlap, tokens;
	struct document_text text;
	int text_is_escaped; /* as it stands in JSON, without the quotes */
	struct document_text context;
	struct document_text headings; /* a JSON array */
	struct document_text more;     /* members as json_write writes them */
};
/* Append the members to what record_out_begin gave. */
void chunk_record_write(
    struct buf *out, const struct chunk_record_parts *parts);

#endif
