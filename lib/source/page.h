/*
 * page - what the formats of source share; for source*.c only
 */
#ifndef PAGE_H
#define PAGE_H

#include "base/buf.h"
#include "base/id_set.h"
#include "source/source.h"

/* What is known of a crawl whose result comes in parts. */
struct source_crawl {
	char *key;     /* total and expiresAt, which all parts share */
	char *status;  /* as the last part says */
	char *origin;  /* the input it came in last */
	char *next;    /* the first that no part followed yet, or NULL */
	int64_t total; /* pages by the server's count */
	int64_t seen;  /* elements of data so far */
	struct span {  /* where the parts lie */
		int64_t start, end;
	} * spans;
	size_t n;
};

/* Unstructured's elements, collected until their file ends. */
struct source_elements {
	int open;
	struct buf file; /* what they have in common */
	struct buf url, title, text;
	struct buf object; /* JSON of the record that they become */
};

struct source {
	struct source_options options;
	struct id_set seen;
	struct buf origin, position, url, message;
	uint64_t number; /* of the record in this input */
	int64_t paged;	 /* pages of the object that is being taken apart */
	int depth;	 /* of arrays and maps in source_read */
	struct source_crawl *crawls;
	size_t crawl_count;
	struct source_elements elements;
};

/* The defaults for the next record; counts it. */
struct document_defaults source_next(struct source *s);
/*
 * Give a document: refused if it has no text, dropped if it is a repeat. Of
 * pieces (piece not NULL) several may share a url; they are told apart by it.
 */
void source_give(struct source *s, struct document *d, const char *piece);
/* Give a failure; d may be NULL; the message is printf-formatted. */
void source_fail(struct source *s, const struct document *d, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Give the failure of an input that was read before. */
void source_fail_input(struct source *s, const char *origin, int transient,
    const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
void source_notice(struct source *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A string member as text; empty without. Numbers and arrays are none. */
struct document_text source_member(struct yyjson_val *object, const char *key);

/* source_firecrawl.c */
int source_is_crawl(struct yyjson_val *v);
void source_read_crawl(struct source *s, struct yyjson_val *v);
int source_is_crawl_errors(struct yyjson_val *v);
void source_read_crawl_errors(struct source *s, struct yyjson_val *v);
int source_is_firecrawl_page(struct yyjson_val *v);
void source_read_firecrawl_page(struct source *s, struct yyjson_val *v);
int source_is_firecrawl_answer(struct yyjson_val *v);
void source_read_firecrawl_answer(struct source *s, struct yyjson_val *v);
/* crawl.c */
void source_add_part(struct source *s, struct yyjson_val *v, int64_t count);
void source_finish_crawls(struct source *s);
void source_free_crawls(struct source *s);
/* source_llamaindex.c */
int source_is_docstore(struct yyjson_val *v);
void source_read_docstore(struct source *s, struct yyjson_val *v);
/* source_unstructured.c */
int source_is_element(struct yyjson_val *v);
void source_read_element(struct source *s, struct yyjson_val *v);
void source_close_elements(struct source *s);
void source_free_elements(struct source *s);
/* text_record.c */
int source_is_document(struct yyjson_val *v);
int source_is_langchain_dumps(struct yyjson_val *v);
int source_is_langchain(struct yyjson_val *v);
int source_is_llamaindex(struct yyjson_val *v);
int source_is_object(struct yyjson_val *v);
void source_read_piece(struct source *s, struct yyjson_val *v);
void source_read_record(struct source *s, struct yyjson_val *v);

#endif
