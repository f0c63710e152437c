/*
 * page - what a format may call: to number, give and refuse pages
 *
 * A page is what comes of one record: a document, or why there is none. Each
 * url gives one document only, whatever the number of inputs; it is here that
 * repeats are known.
 */
#ifndef PAGE_H
#define PAGE_H

#include "record/document.h"

struct source;
struct yyjson_val;

enum source_kind {
	SOURCE_DOCUMENT, /* document is complete */
	SOURCE_FAILURE,	 /* code, message; url and id of document if known */
	SOURCE_REPEAT,	 /* document was given before and is left out */
	SOURCE_NOTICE	 /* only message: worth saying, not a failure */
};

/* What a format gives. Everything is borrowed for the time of the call. */
struct source_page {
	enum source_kind kind;
	struct document document;
	const char *code;    /* a short fixed word */
	const char *message; /* what happened and what to do */
	int transient;	     /* the same input may be complete later */
	const char *origin;  /* what it is about; NULL: the open input */
};

/* What the caller of source asks for, and where pages go. */
struct source_options {
	const char *name;	 /* of the source; NULL: as the records say */
	const char *content_key; /* where the text stands, or NULL */
	void (*give)(void *argument, const struct source_page *page);
	void *argument;
};

/* Count the next record. Returns its defaults, lent until the next call. */
struct document_defaults page_next(struct source *s);
/* Count a record that is refused: later records keep their numbers. */
void page_skip(struct source *s);
/*
 * Give a document: refused if it has no text, left out if it is a repeat.
 * Pieces (piece not NULL) may share a url; piece tells them apart.
 */
void page_give(struct source *s, struct document *d, const char *piece);
/* Give a failure; d may be NULL; the message is printf-formatted. */
void page_fail(struct source *s, const struct document *d, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Give the failure of an input that was read before. */
void page_fail_input(struct source *s, const char *origin, int transient,
    const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Give a notice; the message is printf-formatted. */
void page_notice(struct source *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A string member as text; empty without. Numbers and arrays are none. */
struct document_text page_member(struct yyjson_val *object, const char *key);

#endif
