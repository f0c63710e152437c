/*
 * source - outside formats to documents
 *
 * A table of formats says what a JSON value is and reads it; text files are
 * read as they are. What comes out goes to a function, one page at a time and
 * in order: a document, or why there is none. Each url gives one document
 * only, whatever the number of inputs. Pure: the caller reads and writes.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "record/document.h"

struct yyjson_val;

enum source_kind {
	SOURCE_DOCUMENT, /* doc is complete */
	SOURCE_FAILURE,	 /* code, message; url and id of doc if known */
	SOURCE_REPEAT,	 /* doc was given before and is left out */
	SOURCE_NOTICE	 /* only message: worth saying, not a failure */
};

/* What a format gives. Everything is borrowed for the time of the call. */
struct source_page {
	enum source_kind kind;
	struct document doc;
	const char *code;    /* a short fixed word */
	const char *message; /* what happened and what to do */
	int transient;	     /* the same input may be complete later */
	const char *origin;  /* what it is about; NULL: the open input */
};

struct source_options {
	const char *name;	 /* of the source; NULL: as the records say */
	const char *content_key; /* where the text stands, or NULL */
	void (*give)(void *argument, const struct source_page *page);
	void *argument;
};

/* A row of the table of formats. */
struct source;
struct source_format {
	const char *name;
	const char *recognised_by; /* for people */
	int (*recognise)(struct yyjson_val *value);
	void (*read)(struct source *s, struct yyjson_val *value);
};

struct source *source_new(const struct source_options *options);
void source_free(struct source *s);

/* The format of a value, or NULL. The table ends with a NULL name. */
const struct source_format *source_recognise(struct yyjson_val *value);
extern const struct source_format source_formats[];

/*
 * A new input: origin is its url or path. A record without url and id gets
 * origin#N, where N counts the records of the input from 1.
 */
void source_open(struct source *s, const char *origin);
/* Read a value of the input: a record of any format, or an array of them. */
void source_read(struct source *s, struct yyjson_val *value);
/*
 * A long crawl result in parts (texts.h): its pages, then what is left of it.
 */
void source_read_page(struct source *s, struct yyjson_val *value);
void source_read_envelope(struct source *s, struct yyjson_val *value);
/*
 * A record, or a page of a long crawl result, that the caller refused: it
 * counts, so that those behind it keep their numbers.
 */
void source_skip(struct source *s);
void source_skip_page(struct source *s);
/* The input, or an outermost array, is at its end: give what was collected. */
void source_close(struct source *s);
/* After the last input: say which parts of a crawl did not come. */
void source_finish(struct source *s);

/*
 * A file of text, which must be valid UTF-8 without NUL: one document. type
 * is its content type; path and mtime go into the metadata, path NULL for
 * none. Its url is the origin.
 */
void source_read_text(struct source *s, const char *path, time_t mtime,
    const char *type, struct document_text text);
/*
 * The content type that a file name's suffix stands for: text/markdown,
 * text/plain, text/html, application/json; "" for a suffix of files that hold
 * no text (pictures, fonts, programs ...), NULL for an unknown one.
 */
const char *source_type_of(const char *path);
/*
 * What the first bytes of an input show it to be, if that is nothing we read
 * yet: a code, with *why what it is and what to do; or NULL.
 */
const char *source_refuses(const char *bytes, size_t n, const char **why);
/* Whether bytes look like JSON: the start of an object or array of values. */
int source_looks_like_json(const char *bytes, size_t n);
/* Whether bytes are no UTF-8 text: more than one in ten is unfit. */
int source_is_binary(const char *bytes, size_t n);
/* Append path to base, percent-encoded where RFC 3986 asks for it. */
struct buf;
void source_join_url(struct buf *out, const char *base, const char *path);

#endif
