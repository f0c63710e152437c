/*
 * texts - JSON texts out of a stream of bytes, however they are laid out
 *
 * Splits pretty-printed and concatenated JSON (RFC 7464's separators too) and
 * the elements of an outermost array into one text each. Looks at brackets
 * and strings only, so a text may still fail to parse. A long object with
 * pages in "data", as a crawl's result is, is given page by page while it is
 * still coming and at its end without them; so memory holds one text or page
 * of at most max bytes.
 */
#ifndef TEXTS_H
#define TEXTS_H

#include <stddef.h>
#include <stdint.h>

enum texts_kind {
	TEXTS_MORE,	 /* feed more bytes, or say that there are none */
	TEXTS_END,	 /* everything was given */
	TEXTS_RECORD,	 /* a text, or an element of an outermost array */
	TEXTS_ARRAY_END, /* the outermost array is closed */
	TEXTS_PAGE,	 /* an element of "data" of an object not yet ended */
	TEXTS_ENVELOPE,	 /* that object, its "data" empty */
	TEXTS_BAD	 /* code and why say what; ask again for what follows */
};

struct texts_item {
	const char *text; /* valid until the next call on the texts */
	size_t n;
	uint64_t line;	  /* where it starts; of BAD where it broke, from 1 */
	const char *code; /* "bad_json", "cut_short" or "too_long" */
	const char *why;
};

struct texts;

/*
 * max: the longest text or page in bytes; whole: an object with pages is not
 * taken apart before it is longer than this.
 */
struct texts *texts_new(size_t max, size_t whole);
void texts_free(struct texts *t);
/* Append n bytes; only when texts_next asked for more. */
void texts_feed(struct texts *t, const void *p, size_t n);
/* No more bytes will come. */
void texts_finish(struct texts *t);
/* The next thing in the stream. */
enum texts_kind texts_next(struct texts *t, struct texts_item *item);

#endif
