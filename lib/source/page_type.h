/*
 * page_type - what a source gives, and what it is asked for
 */
#ifndef PAGE_TYPE_H
#define PAGE_TYPE_H

#include "record/document.h"

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
	/* Of a document that got another url: the one that was taken. */
	struct document_text taken;
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

#endif
