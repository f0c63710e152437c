/*
 * document - read documents of many forms, write one form (pl-record(5))
 *
 * Reads one JSON object in any common form (pl's own record, Firecrawl,
 * LangChain, LlamaIndex, Hugging Face ...) into the same nine fields. Ids are
 * always computed: the source's id from its name, the document's id from the
 * source's id and the url. So every tool and every run gives the same ids.
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
	/* The metadata, an object as it stands in the line; likewise. */
	struct document_text raw_metadata;
	struct yyjson_val *object;   /* the fields were read from it */
	struct yyjson_val *metadata; /* an object, or NULL */
	const char *code;	     /* of a refusal, see document_read */
};

/* The source of a document that names none; all tools use it. */
#define DOCUMENT_SOURCE "default"

struct document_defaults {
	const char
	    *source; /* if the record has none; NULL is DOCUMENT_SOURCE */
	int override_source;	 /* use it even if the record has one */
	const char *position;	 /* url of a record without url and id */
	const char *content_key; /* look here for the text first, or NULL */
	int trust_hash;		 /* keep the content_hash of pl's records */
	int metadata;		 /* document_metadata will be called */
};

/*
 * Read a document from object. Everything in d borrows from object and
 * defaults. 0, or -1 with *why (static text that names the key) and d->code,
 * "no_text" or "wrong_type"; source, url, title and id are then set
 * nevertheless, if the record has them. A record of pl's own type may lack its
 * content.
 */
int document_read(struct document *d, struct yyjson_val *object,
    const struct document_defaults *defaults, const char **why);
/*
 * Read a document from a line without a tree, which is faster: object and
 * metadata are not set, but raw_metadata is. It works for pl's own records with
 * url and content, and for records without a type that have content, if they
 * hold nothing unusual. 1; or 0, and the line must be parsed by record.h.
 * Strings are unpacked into the buffer, from which d borrows.
 */
int document_read_line(struct document *d, const char *line, size_t n,
    const struct document_defaults *defaults, struct buf *unpacked);
/*
 * Compute id and content_hash again after source, url, title, content or
 * content_type were changed by the caller. Without content there is no hash.
 */
void document_identify(struct document *d);
/*
 * The metadata as a value of out: the members of metadata, then every member of
 * the record that is neither a field nor another form of the text. The last of
 * two equal keys wins. Never NULL.
 */
struct yyjson_mut_val *document_metadata(
    const struct document *d, struct yyjson_mut_doc *out);
/* Write the document record. 0, or -1 with errno. */
int document_put(struct record_out *out, const struct document *d);

/* The C string s as a text (NULL gives none). */
struct document_text document_text(const char *s);
/* Whether t looks like a URL: a scheme of letters, then "://". */
int document_is_url(struct document_text t);
/* Whether t has nothing but white space (ASCII, no-break, BOM). */
int document_is_blank(struct document_text t);

#endif
