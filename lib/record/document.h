/*
 * document - a document record: lenient in, exact out (pl-record(5))
 *
 * Reads one JSON object in any of the shapes people have (our own record,
 * Firecrawl, LangChain, LlamaIndex, Hugging Face ...) and gives the same nine
 * fields for all of them. Ids are always computed: the source's from its
 * name, the document's from the source's id and the url, so every tool and
 * every run gives the same ones.
 */
#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct record_out;
struct yyjson_mut_doc;
struct yyjson_mut_val;
struct yyjson_val;

/* Borrowed text; s is NULL when there is none. Not NUL-terminated. */
struct document_text {
	const char *s;
	size_t n;
};

struct document {
	uint8_t source_id[DIGEST_UUID];
	uint8_t uuid[DIGEST_UUID];
	char id[DIGEST_UUID_TEXT];
	char content_hash[DIGEST_HEX];
	struct document_text source;
	struct document_text url;
	struct document_text title;
	struct document_text content; /* NULL: an id without its content */
	struct document_text content_type;
	struct document_text lease;
	/* The content as json_write.h writes it, from document_read_line only;
	 * or NULL. */
	struct document_text raw_content;
	/* The metadata as it stands in the line, an object; the same. */
	struct document_text raw_metadata;
	struct yyjson_val *object;   /* what the fields were read from */
	struct yyjson_val *metadata; /* an object, or NULL */
	const char *code;	     /* of a refusal, see document_read */
};

/* The source of a document that names none, the same for every tool. */
#define DOCUMENT_SOURCE "default"

struct document_defaults {
	const char *source;   /* when there is none; NULL is DOCUMENT_SOURCE */
	int override_source;  /* use it whatever the record says */
	const char *position; /* url of a record without url and id */
	const char *content_key; /* look here for the text first, or NULL */
	int trust_hash;		 /* believe the content_hash of our records */
	int metadata;		 /* it will be asked for */
};

/*
 * Read a document from object. Everything in d borrows from object and
 * defaults. 0, or -1 with *why (static text that names the key) and d->code,
 * "no_text" or "wrong_type"; source, url, title and id are then still set as
 * far as the record has them. A record of our own type may lack its content.
 */
int document_read(struct document *d, struct yyjson_val *object,
    const struct document_defaults *defaults, const char **why);
/*
 * Read a document from a line, if it is one of our own with url and content,
 * or one without a type whose text is its content, and nothing else speaks
 * against doing it the quick way: without a tree, so that object and metadata
 * are not there, but raw_metadata is. 1; or 0, and the
 * line must be parsed by record.h. Strings are unpacked into the buffer, from
 * which d borrows.
 */
int document_read_line(struct document *d, const char *line, size_t n,
    const struct document_defaults *defaults, struct buf *unpacked);
/*
 * Compute id and content_hash again after source, url, title, content or
 * content_type were changed by the caller. Without content there is no hash.
 */
void document_identify(struct document *d);
/*
 * The metadata as a value of out: the members of metadata, then every member
 * of the record that did not become a field and is no other rendering of the
 * text. The last of two equal keys wins. Never NULL.
 */
struct yyjson_mut_val *document_metadata(
    const struct document *d, struct yyjson_mut_doc *out);
/* Write the document record. 0, or -1 with errno. */
int document_put(struct record_out *out, const struct document *d);

/* A text for text that equals the C string s (NULL gives none). */
struct document_text document_text(const char *s);
/* Whether t looks like a URL: a scheme of letters, then "://". */
int document_is_url(struct document_text t);
/* Whether t has nothing but white space (ASCII, no-break, BOM). */
int document_is_blank(struct document_text t);

#endif
