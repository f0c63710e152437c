/*
 * chunk_check - check the properties that every text's chunks must have
 */
#ifndef CHUNK_CHECK_H
#define CHUNK_CHECK_H

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "chunk/chunk.h"
#include "chunk/token.h"
#include "chunk/token_estimate.h"
#include "chunk_text.h"

static size_t
check_size(const struct chunk_options *o, const char *s, size_t n)
{
	struct token_counter *counter;
	size_t tokens;

	if (o->unit == CHUNK_CHARS)
		return utf8_count(s, n);
	if (o->unit == CHUNK_BYTES)
		return n;
	if (o->vocabulary == NULL)
		return (token_estimate_text(s, n) + TOKEN_PARTS - 1) /
		       TOKEN_PARTS;
	counter = token_counter_new(o->vocabulary);
	tokens = token_count(counter, s, n);
	token_counter_free(counter);
	return tokens;
}

/* Split text and return NULL, or what is wrong with its chunks. */
static const char *
chunk_check(struct chunker *c, const struct chunk_options *o, const char *text,
    size_t n, const char *title)
{
	size_t count, at = 0, chars = 0;
	struct buf whole = {0};
	const char *wrong = NULL;

	/* A byte order mark is white space. */
	if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		at = 3;
	count = chunk_split(c, text, n, title, title ? strlen(title) : 0);
	for (size_t i = 0; i < count && wrong == NULL; i++) {
		const struct chunk *k = chunk_get(c, i);
		const char *s = text + k->start;
		size_t length = k->end - k->start;

		if (k->end <= k->start || k->end > n)
			wrong = "empty or out of bounds";
		else if (k->start + k->overlap < at)
			wrong = "out of order";
		else if (k->overlap > 0 &&
			 (o->overlap == 0 || i == 0 ||
			     k->start <= chunk_get(c, i - 1)->start ||
			     k->start >= at))
			wrong = "bad overlap";
		else if (!check_white(text + at, k->start + k->overlap - at))
			wrong = "text lost between chunks";
		else if (check_white(s, length))
			wrong = "only white space";
		else if (utf8_valid(s, length) != length)
			wrong = "cuts UTF-8";
		if (wrong != NULL)
			break;
		chars = utf8_count(text, k->start);
		if (k->char_start != chars)
			wrong = "wrong char_start";
		if (k->char_end - k->char_start != utf8_count(s, length))
			wrong = "wrong char_end";
		buf_reset(&whole, 1 << 20);
		chunk_context(c, i, &whole);
		if (whole.len > 0)
			buf_putc(&whole, '\n');
		if (o->unit != CHUNK_TOKENS &&
		    check_size(o, whole.data, whole.len) > o->max / 4)
			wrong = "too much context";
		buf_add(&whole, s, length);
		if (check_size(o, whole.data, whole.len) > o->max)
			wrong = "over the limit";
		if (utf8_valid(whole.data, whole.len) != whole.len)
			wrong = "invalid context";
		at = k->end;
	}
	if (wrong == NULL && !check_white(text + at, n - at))
		wrong = "text lost at the end";
	buf_free(&whole);
	return wrong;
}

#endif
