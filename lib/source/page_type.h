/*
 * page_type - the pages that a source gives, and its options
 */
#ifndef PAGE_TYPE_H
#define PAGE_TYPE_H

#include "record/document.h"

enum source_kind {
	SOURCE_DOCUMENT, /* document is complete */
	SOURCE_FAILURE,	 /* code, message; url and id of document if known */
	SOURCE_REPEAT,	 /* document was given before and is left out */
	SOURCE_CHANGED,	 /* document has only its url: fetch it, by scrape */
	SOURCE_GONE,	 /* document has only its url: it is no more */
	SOURCE_NOTICE	 /* only message: not a failure, but of interest */
};

/* A page. Everything is borrowed for the time of the call. */
struct source_page {
	enum source_kind kind;
	struct document document;
	/* If the document got another url: its first one, which was taken. */
	struct document_text taken;
	struct document_text scrape; /* id of the page's new text, or empty */
	const char *code;	     /* a short fixed word */
	const char *message;	     /* what happened and what to do */
	int transient;		     /* the same input may be complete later */
	const char *origin;	     /* the input; NULL: the open one */
};

/* Options of a source, and the function that takes pages. */
struct source_options {
	const char *name;	 /* of the source; NULL: from the records */
	const char *content_key; /* the key of the text, or NULL */
	void (*give)(void *argument, const struct source_page *page);
	void *argument;
};

#endif
