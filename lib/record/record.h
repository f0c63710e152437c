/*
 * record - what a record is (pl-record(5)), and how its JSON is read
 *
 * A record is a JSON object on one line; yyjson is the data model. A parsed
 * record holds no NUL, no lone surrogate and no invalid UTF-8, and is nested at
 * most 512 levels deep, so Postgres accepts it.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

/* What a record is, by its "type"; without one it is RECORD_UNTYPED. */
enum record_type {
	RECORD_UNTYPED,
	RECORD_DOCUMENT,
	RECORD_CHUNK,
	RECORD_END,
	RECORD_STORED,
	RECORD_ERROR,
	RECORD_JOB,
	RECORD_WAITING, /* a stage lives, and waits */
	RECORD_LISTING, /* an input was read, and how many documents it has */
	RECORD_DELETED, /* a document of a source is gone */
	RECORD_CRAWL,	/* a crawl was started, or ended */
	RECORD_FOREIGN	/* a type that pl does not know; passed on */
};

/* The type of a record. */
enum record_type record_type_of(yyjson_val *root);

/* A string member of an object, or NULL; its length in *n unless NULL. */
const char *record_str(yyjson_val *object, const char *key, size_t *n);
/* An integer member, or fallback. */
int64_t record_int(yyjson_val *object, const char *key, int64_t fallback);

/*
 * Parse one JSON text of n bytes and repair it as a line is repaired: NUL,
 * invalid UTF-8 and lone surrogates become U+FFFD (counted), numbers beyond
 * double are kept as raw text; URLs lose user and password (userinfo.h). NULL
 * with *why (static) and *at, the byte offset; else the caller frees the result
 * with yyjson_doc_free.
 */
yyjson_doc *record_parse(const char *text, size_t n, size_t *repaired,
    size_t *repaired_at, const char **why, size_t *at);
/* As record_parse, with an allocator; NULL: malloc. */
yyjson_doc *record_parse_with(const yyjson_alc *memory, const char *text,
    size_t n, size_t *repaired, size_t *repaired_at, const char **why,
    size_t *at);

#endif
