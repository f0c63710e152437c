/*
 * page - functions for formats: number, give and refuse pages
 *
 * A page is the result of one record: a document, or the reason why there is
 * none. Over all inputs a url belongs to one document only: the same text again
 * is a repeat, another text gets another url. This module decides both.
 */
#ifndef PAGE_H
#define PAGE_H

#include "record/document.h"
#include "source/page_type.h"

struct source;
struct yyjson_val;

/* Count the next record. Returns its defaults, borrowed until the next call. */
struct document_defaults page_next(struct source *s);
/* Count a record that is refused: later records keep their numbers. */
void page_skip(struct source *s);
/*
 * Give a document. It is refused if it has no text, and left out if it is a
 * repeat. If another text has its url, it gets url#2, url#3 ...
 */
void page_give(struct source *s, struct document *d);
/*
 * As page_give, for a piece of a document: it gets url#piece first, then
 * url#piece#2 ...
 */
void page_give_piece(struct source *s, struct document *d, const char *piece);
/*
 * As page_give, for a crawled page: it gets the url asked, by which it was
 * crawled, if that one is free.
 */
void page_give_crawled(
    struct source *s, struct document *d, struct document_text asked);
/* Give a failure; d may be NULL; the message is printf-formatted. */
void page_fail(struct source *s, const struct document *d, const char *code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Give a failure of an earlier input. */
void page_fail_input(struct source *s, const char *origin, int transient,
    const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Tell what became of a page: SOURCE_CHANGED, or SOURCE_GONE. */
void page_tell(struct source *s, enum source_kind kind,
    const struct document *d, struct document_text scrape);
/* Give a notice; the message is printf-formatted. */
void page_notice(struct source *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* A string member as text; empty if there is none, or another type. */
struct document_text page_member(struct yyjson_val *object, const char *key);

#endif
