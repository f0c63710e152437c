#include "record/record.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "record/json_depth.h"
#include "record/userinfo.h"

enum { LONG = 1 << 20 }; /* bytes; nesting is checked before parsing */

static const char too_deep_text[] = "nested more than 512 levels deep";

static const char *const type_names[] = {[RECORD_DOCUMENT] = "document",
    [RECORD_CHUNK] = "chunk",
    [RECORD_END] = "end",
    [RECORD_STORED] = "stored",
    [RECORD_ERROR] = "error",
    [RECORD_JOB] = "job",
    [RECORD_WAITING] = "waiting",
    [RECORD_LISTING] = "listing",
    [RECORD_DELETED] = "deleted",
    [RECORD_CRAWL] = "crawl"};

enum record_type
record_type_of(yyjson_val *root)
{
	yyjson_val *type = yyjson_obj_get(root, "type");

	if (!yyjson_is_str(type))
		return RECORD_UNTYPED;
	for (int i = RECORD_DOCUMENT; i < RECORD_FOREIGN; i++)
		if (yyjson_equals_str(type, type_names[i]))
			return (enum record_type)i;
	return RECORD_FOREIGN;
}

const char *
record_str(yyjson_val *object, const char *key, size_t *n)
{
	yyjson_val *v = yyjson_obj_get(object, key);

	/* An array has a length, too. */
	if (n != NULL)
		*n = yyjson_is_str(v) ? yyjson_get_len(v) : 0;
	return yyjson_get_str(v);
}

int64_t
record_int(yyjson_val *object, const char *key, int64_t fallback)
{
	yyjson_val *v = yyjson_obj_get(object, key);

	return yyjson_is_int(v) ? yyjson_get_sint(v) : fallback;
}

/* Repairs. */

static int
hex4(const char *s, const char *end, unsigned *v)
{
	*v = 0;
	if (end - s < 4)
		return 0;
	for (int i = 0; i < 4; i++) {
		char c = s[i];
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned)((c | 0x20) - 'a' + 10);
		else
			return 0;
		*v = *v << 4 | digit;
	}
	return 1;
}

/*
 * Length of the escape at s (a backslash) and whether it stands for NUL or a
 * lone surrogate, which neither Postgres nor jq takes.
 */
static size_t
escape_length(const char *s, const char *end, int *bad)
{
	unsigned v, low;

	*bad = 0;
	if (end - s < 2)
		return (size_t)(end - s);
	if (s[1] != 'u' || !hex4(s + 2, end, &v))
		return 2;
	if (v >= 0xD800 && v <= 0xDBFF && end - s >= 12 && s[6] == '\\' &&
	    s[7] == 'u' && hex4(s + 8, end, &low) && low >= 0xDC00 &&
	    low <= 0xDFFF)
		return 12;
	*bad = v == 0 || (v >= 0xD800 && v <= 0xDFFF);
	return 6;
}

/* Append text with bad bytes and bad escapes replaced; returns how many. */
static size_t
repair(struct buf *out, const char *text, size_t n, size_t *first)
{
	const char *p = text, *end = text + n;
	size_t count = 0;

	while (p < end) {
		const char *slash = memchr(p, '\\', (size_t)(end - p));
		size_t plain = (size_t)((slash ? slash : end) - p), at = 0, k;
		int bad;

		k = utf8_repair(out, p, plain, &at);
		if (k > 0 && count == 0)
			*first = (size_t)(p - text) + at;
		count += k;
		p += plain;
		if (slash == NULL)
			break;
		k = escape_length(p, end, &bad);
		if (bad) {
			if (count++ == 0)
				*first = (size_t)(p - text);
			buf_puts(out, "\\ufffd");
		} else {
			buf_add(out, p, k);
		}
		p += k;
	}
	return count;
}

static int
has_nul(yyjson_doc *doc)
{
	yyjson_val *v = yyjson_doc_get_root(doc);
	size_t n = yyjson_doc_get_val_count(doc);

	for (size_t i = 0; i < n; i++)
		if (yyjson_is_str(v + i) && memchr(yyjson_get_str(v + i), '\0',
						yyjson_get_len(v + i)) != NULL)
			return 1;
	return 0;
}

/* Whether nesting goes beyond JSON_DEPTH_MAX. Brackets in strings do not count.
 */
static int
too_deep(yyjson_doc *doc)
{
	const yyjson_val *ends[JSON_DEPTH_MAX];
	yyjson_val *v = yyjson_doc_get_root(doc);
	yyjson_val *stop = v + yyjson_doc_get_val_count(doc);
	int depth = 0;

	for (; v < stop; v++) {
		while (depth > 0 && v >= ends[depth - 1])
			depth--;
		if (!yyjson_is_ctn(v))
			continue;
		if (depth == JSON_DEPTH_MAX)
			return 1;
		/* yyjson stores a container's byte length in uni.ofs. */
		ends[depth++] =
		    (const yyjson_val *)((const char *)v + v->uni.ofs);
	}
	return 0;
}

yyjson_doc *
record_parse_with(const yyjson_alc *memory, const char *text, size_t n,
    size_t *repaired, size_t *repaired_at, const char **why, size_t *at)
{
	const yyjson_read_flag flags = YYJSON_READ_BIGNUM_AS_RAW;
	yyjson_read_err error;
	yyjson_doc *doc;
	struct buf clean = {0};

	*repaired = 0;
	if (n >= LONG && json_depth_is_over(text, n)) {
		*why = too_deep_text;
		*at = 0;
		return NULL;
	}
	/* yyjson does not write to the text without YYJSON_READ_INSITU. */
	doc =
	    yyjson_read_opts((char *)(uintptr_t)text, n, flags, memory, &error);
	if ((doc == NULL && error.code == YYJSON_READ_ERROR_INVALID_STRING) ||
	    (doc != NULL && has_nul(doc))) {
		yyjson_doc_free(doc);
		*repaired = repair(&clean, text, n, repaired_at);
		doc = yyjson_read_opts(
		    clean.data, clean.len, flags, memory, &error);
		buf_free(&clean);
	}
	if (doc != NULL && too_deep(doc)) {
		yyjson_doc_free(doc);
		doc = NULL;
		error.msg = too_deep_text;
		error.pos = 0;
	}
	if (doc == NULL) {
		*why = error.msg;
		*at = error.pos;
	} else if (memchr(text, '@', n) != NULL ||
		   memchr(text, '\\', n) != NULL) {
		userinfo_drop(yyjson_doc_get_root(doc));
	}
	return doc;
}

yyjson_doc *
record_parse(const char *text, size_t n, size_t *repaired, size_t *repaired_at,
    const char **why, size_t *at)
{
	return record_parse_with(NULL, text, n, repaired, repaired_at, why, at);
}
