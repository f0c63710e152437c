/*
 * page - what a format may call: to number, give and refuse pages
 *
 * A page is what comes of one record: a document, or why there is none. Each
 * url gives one document only, whatever the number of inputs: the same text
 * again is a repeat, another text gets another url. It is here that both are
 * known.
 */
#ifndef PAGE_H
#define PAGE_H

#include "record/document.h"
#include "source/page_type.h"

struct source;
struct yyjson_val;

/* Count the next record. Returns its defaults, lent until the next call. */
struct document_defaults page_next(struct source *s);
/* Count a record that is refused: later records keep their numbers. */
void page_skip(struct source *s);
/*
 * Give a document: refused if it has no text, left out if it is a repeat. If
 * another text has its url, that becomes url#2, url#3 ...
 */
void page_give(struct source *s, struct document *d);
/* The same for a piece of a document: url#piece, and only then url#piece#2. */
void page_give_piece(struct source *s, struct document *d, const char *piece);
/* The same for a crawled page: asked, which was asked for, if it is free. */
void page_give_crawled(
    struct source *s, struct document *d, struct document_text asked);
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
