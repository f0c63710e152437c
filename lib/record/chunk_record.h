/*
 * chunk_record - read and write chunk records (pl-record(5))
 *
 * pl-chunk writes it, pl-embed puts a vector in, pl-store reads it. Only
 * document_id, index and text are required. A key that is present must have the
 * right type, as other programs may write into the pipe.
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

/* A chunk record as read; everything is borrowed. A missing text is NULL. */
struct chunk_record {
	uint8_t document_id[DIGEST_UUID];
	int has_document; /* document_id is set */
	int64_t index;	  /* or -1: none, or no index */
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
 * Read the whole record. 0; or -1 with why and code. Document, index and lease
 * are then set nevertheless, if the record has them.
 */
int chunk_record_read(struct chunk_record *c, const struct record *r);
/*
 * Read only what is embedded: text and context. 0; or -1 with why and code,
 * "wrong_type" or "no_text".
 */
int chunk_record_read_text(struct chunk_record *c, const struct record *r);
/* Append what is embedded: the context with a newline, if any, and the text. */
void chunk_record_put_text(const struct chunk_record *c, struct buf *b);
/* The hash of what is embedded, as pl-chunk writes it. */
void chunk_record_hash(
    const struct chunk_record *c, char hex[static DIGEST_HEX]);

/*
 * To add a vector: first append the record without model, embedding and closing
 * brace; unchanged from the line if possible.
 */
void chunk_record_open(struct buf *b, const struct record *r);
/* Append the members up to the vector: ,"model":"NAME","embedding": */
void chunk_record_put_model(struct buf *b, const char *model);

/*
 * A chunk to be written. Without overlap if it is 0, without context if NULL.
 */
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
/* Append the members to the buffer of record_out_begin. */
void chunk_record_write(
    struct buf *out, const struct chunk_record_parts *parts);

#endif
