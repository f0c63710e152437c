/*
 * json_split - split a stream of bytes into JSON texts, in any layout
 *
 * Splits pretty-printed and concatenated JSON (RFC 7464's separators too) and
 * the elements of an outermost array into one text each. It reads brackets and
 * strings only, so a text may still fail to parse. A long object with pages in
 * "data", such as a crawl's result, is given page by page while it is read, and
 * at its end once more without the pages. So memory holds one text or page of
 * at most max bytes.
 */
#ifndef JSON_SPLIT_H
#define JSON_SPLIT_H

#include <stddef.h>
#include <stdint.h>

enum json_split_kind {
	JSON_SPLIT_MORE,      /* feed more bytes, or finish */
	JSON_SPLIT_END,	      /* everything was given */
	JSON_SPLIT_RECORD,    /* a text, or an element of an outermost array */
	JSON_SPLIT_ARRAY_END, /* the outermost array is closed */
	JSON_SPLIT_PAGE,      /* an element of "data" of an object still open */
	JSON_SPLIT_ENVELOPE,  /* that object, with empty "data" */
	JSON_SPLIT_BAD	      /* see code and why; call again to go on */
};

struct json_split_item {
	const char *text; /* valid until the next call on the texts */
	size_t n;
	uint64_t line; /* where it starts (BAD: where the fault is), from 1 */
	const char *code; /* "bad_json", "cut_short" or "too_long" */
	const char *why;
};

struct json_split;

/*
 * max: the longest text or page in bytes. whole: an object with pages is split
 * into pages only if it is longer than this.
 */
struct json_split *json_split_new(size_t max, size_t whole);
void json_split_free(struct json_split *t);
/* Append n bytes; only when json_split_next asked for more. */
void json_split_feed(struct json_split *t, const void *p, size_t n);
/* No more bytes will come. */
void json_split_finish(struct json_split *t);
/* The next thing in the stream. */
enum json_split_kind json_split_next(
    struct json_split *t, struct json_split_item *item);

#endif
