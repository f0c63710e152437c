#include "record/record.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"

enum {
	READ_SIZE = 1 << 18,
	WRITE_SIZE = 1 << 18,
	KEEP = 4 << 20,	  /* memory kept between two records */
	DIRECT = 1 << 16, /* bytes that are not copied to be written */
	DEPTH_MAX = 512	  /* nesting; deeper ends in Postgres' stack */
};

struct record_in {
	int fd;
	int eof;
	struct record_options options;
	struct buf data; /* bytes from start on are not yet consumed */
	size_t start;
	size_t scanned; /* no newline in data[start .. scanned) */
	uint64_t number;
	size_t skipped; /* bytes of an over-long line dropped so far */
	yyjson_alc *memory;
	size_t used; /* bytes of the longest record in memory */
	yyjson_doc *doc;
	char why[160]; /* a line was refused */
};

struct record_out {
	int fd;
	int error; /* errno of the first failed write */
	struct buf data;
	yyjson_alc *memory;
	void (*settle)(void *);
	void *settle_argument;
};

static const char *const type_names[] = {[RECORD_DOCUMENT] = "document",
    [RECORD_CHUNK] = "chunk",
    [RECORD_END] = "end",
    [RECORD_STORED] = "stored",
    [RECORD_ERROR] = "error",
    [RECORD_JOB] = "job"};

static const char *const class_names[] = {
    "transient", "throttled", "quota", "input", "config", "internal"};

enum record_type
record_type_of(yyjson_val *root)
{
	yyjson_val *type = yyjson_obj_get(root, "type");

	if (!yyjson_is_str(type))
		return RECORD_UNTYPED;
	for (int i = RECORD_DOCUMENT; i <= RECORD_JOB; i++)
		if (yyjson_equals_str(type, type_names[i]))
			return (enum record_type)i;
	return RECORD_FOREIGN;
}

const char *record_class_name(enum record_class class)
{
	return class_names[class];
}

int
record_class_parse(const char *name)
{
	for (int i = RECORD_TRANSIENT; name != NULL && i <= RECORD_INTERNAL;
	     i++)
		if (strcmp(class_names[i], name) == 0)
			return i;
	return -1;
}

const char *
record_str(yyjson_val *object, const char *key, size_t *n)
{
	yyjson_val *v = yyjson_obj_get(object, key);

	if (n != NULL)
		*n = yyjson_get_len(v);
	return yyjson_get_str(v);
}

int64_t
record_int(yyjson_val *object, const char *key, int64_t fallback)
{
	yyjson_val *v = yyjson_obj_get(object, key);

	return yyjson_is_int(v) ? yyjson_get_sint(v) : fallback;
}

/* Hygiene. */

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

/* Whether nesting goes beyond DEPTH_MAX. Brackets in strings do not count. */
static int
too_deep(yyjson_doc *doc)
{
	const yyjson_val *ends[DEPTH_MAX];
	yyjson_val *v = yyjson_doc_get_root(doc);
	yyjson_val *stop = v + yyjson_doc_get_val_count(doc);
	int depth = 0;

	for (; v < stop; v++) {
		while (depth > 0 && v >= ends[depth - 1])
			depth--;
		if (!yyjson_is_ctn(v))
			continue;
		if (depth == DEPTH_MAX)
			return 1;
		/* yyjson stores a container's byte length in uni.ofs. */
		ends[depth++] =
		    (const yyjson_val *)((const char *)v + v->uni.ofs);
	}
	return 0;
}

static yyjson_doc *
parse(const yyjson_alc *memory, const char *text, size_t n, size_t *repaired,
    size_t *repaired_at, const char **why, size_t *at)
{
	const yyjson_read_flag flags = YYJSON_READ_BIGNUM_AS_RAW;
	yyjson_read_err error;
	yyjson_doc *doc;
	struct buf clean = {0};

	*repaired = 0;
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
		error.msg = "nested more than 512 levels deep";
		error.pos = 0;
	}
	if (doc == NULL) {
		*why = error.msg;
		*at = error.pos;
	}
	return doc;
}

yyjson_doc *
record_parse(const char *text, size_t n, size_t *repaired, size_t *repaired_at,
    const char **why, size_t *at)
{
	return parse(NULL, text, n, repaired, repaired_at, why, at);
}

/* Reading. */

struct record_in *
record_in_open(int fd, const struct record_options *options)
{
	struct record_in *in = x_calloc(1, sizeof(*in));

	in->fd = fd;
	if (options != NULL)
		in->options = *options;
	if (in->options.max_record == 0)
		in->options.max_record = RECORD_MAX_DEFAULT;
	in->memory = yyjson_alc_dyn_new();
	return in;
}

void
record_in_close(struct record_in *in)
{
	if (in == NULL)
		return;
	yyjson_doc_free(in->doc);
	yyjson_alc_dyn_free(in->memory);
	buf_free(&in->data);
	free(in);
}

void
record_in_unread(struct record_in *in, const void *p, size_t n)
{
	buf_add(&in->data, p, n);
}

/* Make room at the end of the buffer, then read once. As read(2). */
static ssize_t
fill(struct record_in *in)
{
	ssize_t n;

	if (in->start > 0 && in->start * 2 >= in->data.len) {
		buf_drop(&in->data, in->start);
		in->scanned -= in->start;
		in->start = 0;
	}
	if (in->data.len == 0)
		buf_reset(&in->data, KEEP);
	buf_reserve(&in->data, READ_SIZE);
	n = read(in->fd, in->data.data + in->data.len, READ_SIZE);
	if (n > 0)
		in->data.len += (size_t)n;
	if (n == 0)
		in->eof = 1;
	return n;
}

/*
 * 1 with a line (without its end) in *line and *len, 0 when more bytes are
 * needed. An over-long line is dropped as it comes, so that it costs no
 * memory; it is returned at its end with *len 0 and in->skipped set.
 */
static int
take_line(struct record_in *in, const char **line, size_t *len)
{
	char *begin, *end = NULL;
	size_t have = in->data.len - in->start;

	if (in->data.data == NULL)
		return 0;
	begin = in->data.data + in->start;
	if (in->data.len > in->scanned)
		end = memchr(in->data.data + in->scanned, '\n',
		    in->data.len - in->scanned);
	in->scanned = in->data.len;
	if (end != NULL)
		have = (size_t)(end - begin);
	if (in->skipped > 0 || have > in->options.max_record) {
		in->skipped += have;
		in->start += have;
		have = 0;
	}
	if (end == NULL && !(in->eof && (have > 0 || in->skipped > 0)))
		return 0;
	if (end != NULL)
		in->start++;
	in->start += have;
	in->scanned = in->start;
	*line = begin;
	*len = have > 0 && begin[have - 1] == '\r' ? have - 1 : have;
	return 1;
}

int
record_in_wait(struct record_in *in, int timeout)
{
	for (;;) {
		struct pollfd p = {.fd = in->fd, .events = POLLIN};
		int n;

		if (in->eof || (in->data.len > in->scanned &&
				   memchr(in->data.data + in->scanned, '\n',
				       in->data.len - in->scanned) != NULL))
			return 1;
		n = poll(&p, 1, timeout);
		if (n <= 0)
			return n;
		if (fill(in) == -1)
			return -1;
	}
}

/* Tell the owner before a read that would block. */
static void
idle_if_blocking(struct record_in *in)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};

	if (in->options.idle != NULL && poll(&p, 1, 0) == 0)
		in->options.idle(in->options.idle_argument);
}

static enum record_status
refuse(struct record *r, const char *code, const char *message)
{
	r->error = (struct record_error)RECORD_ERROR_INIT;
	r->error.class = RECORD_INPUT;
	r->error.code = code;
	r->error.message = message;
	r->error.line = r->number;
	return RECORD_REFUSED;
}

/* A fresh allocator now and then, so that one huge record is not kept. */
static void
recycle(struct record_in *in, size_t len)
{
	yyjson_doc_free(in->doc);
	in->doc = NULL;
	if (in->used > KEEP / 4) {
		yyjson_alc_dyn_free(in->memory);
		in->memory = yyjson_alc_dyn_new();
		in->used = 0;
	}
	if (len > in->used)
		in->used = len;
}

static int
is_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
			return 0;
	return 1;
}

enum record_status
record_read_parse(struct record_in *in, struct record *r)
{
	const char *why;
	size_t at;
	enum record_status status;

	recycle(in, r->len);
	in->doc = parse(in->memory, r->line, r->len, &r->repaired,
	    &r->repaired_at, &why, &at);
	if (in->doc == NULL) {
		snprintf(in->why, sizeof(in->why), "not valid JSON: %s", why);
		status = refuse(r, "bad_json", in->why);
		r->error.offset = (int64_t)at;
		return status;
	}
	r->root = yyjson_doc_get_root(in->doc);
	if (!yyjson_is_obj(r->root))
		return refuse(r, "not_an_object",
		    yyjson_is_arr(r->root)
			? "a JSON array where a record is expected: "
			  "jq -c '.[]' makes one record a line"
			: "not a JSON object");
	if (r->repaired > 0 && in->options.reject_invalid) {
		status = refuse(r, "invalid_text",
		    "NUL, a lone surrogate or invalid UTF-8: "
		    "--invalid replace takes it");
		r->error.offset = (int64_t)r->repaired_at;
		return status;
	}
	r->type = record_type_of(r->root);
	return RECORD_OK;
}

enum record_status
record_read_line(struct record_in *in, struct record *r)
{
	*r = (struct record){.number = in->number};
	for (;;) {
		if (take_line(in, &r->line, &r->len)) {
			r->number = ++in->number;
			if (in->skipped > 0) {
				in->skipped = 0;
				return refuse(r, "too_long",
				    "the line is longer than --max-record");
			}
			if (in->number == 1 && r->len >= 3 &&
			    memcmp(r->line, "\xEF\xBB\xBF", 3) == 0) {
				r->line += 3;
				r->len -= 3;
			}
			if (is_blank(r->line, r->len))
				continue;
			return RECORD_OK;
		}
		if (in->eof)
			return RECORD_EOF;
		idle_if_blocking(in);
		if (fill(in) == -1)
			return RECORD_FAILED;
	}
}

enum record_status
record_read(struct record_in *in, struct record *r)
{
	enum record_status status;

	/* Before the next line comes, not after: both may be large. */
	recycle(in, 0);
	status = record_read_line(in, r);
	return status == RECORD_OK ? record_read_parse(in, r) : status;
}

/* Writing. */

struct record_out *
record_out_open(int fd)
{
	struct record_out *out = x_calloc(1, sizeof(*out));

	out->fd = fd;
	out->memory = yyjson_alc_dyn_new();
	return out;
}

void
record_out_settle(
    struct record_out *out, void (*settle)(void *), void *argument)
{
	out->settle = settle;
	out->settle_argument = argument;
}

static void
settle(struct record_out *out)
{
	if (out->settle != NULL)
		out->settle(out->settle_argument);
}

int
record_out_close(struct record_out *out)
{
	int status;

	if (out == NULL)
		return 0;
	status = record_flush(out);
	yyjson_alc_dyn_free(out->memory);
	buf_free(&out->data);
	free(out);
	return status;
}

static void
write_all(struct record_out *out, const char *p, size_t left)
{
	while (out->error == 0 && left > 0) {
		ssize_t n = write(out->fd, p, left);

		if (n >= 0) {
			p += n;
			left -= (size_t)n;
		} else if (errno != EINTR) {
			out->error = errno;
		}
	}
}

int
record_flush(struct record_out *out)
{
	if (out->fd == -1)
		return 0;
	settle(out);
	write_all(out, out->data.data, out->data.len);
	buf_reset(&out->data, KEEP);
	errno = out->error;
	return out->error ? -1 : 0;
}

/* What is long is not copied: it goes out behind what was buffered. */
static void
put_bytes(struct record_out *out, const char *p, size_t n)
{
	if (out->fd == -1 || n < DIRECT) {
		buf_add(&out->data, p, n);
		return;
	}
	record_flush(out);
	write_all(out, p, n);
}

size_t
record_pending(const struct record_out *out)
{
	return out->data.len;
}

static int
flush_if_full(struct record_out *out)
{
	if (out->data.len >= WRITE_SIZE || out->error)
		return record_flush(out);
	return 0;
}

yyjson_mut_doc *
record_new(struct record_out *out, const char *type)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(out->memory);
	yyjson_mut_val *root = yyjson_mut_obj(doc);

	yyjson_mut_doc_set_root(doc, root);
	if (type != NULL)
		yyjson_mut_obj_add_str(doc, root, "type", type);
	return doc;
}

/* The JSON of a document; *valid is 0 when strings in it are not UTF-8. */
static char *
write_json(
    const yyjson_mut_doc *doc, const yyjson_alc *memory, size_t *n, int *valid)
{
	char *text = yyjson_mut_write_opts(doc, 0, memory, n, NULL);

	*valid = text != NULL;
	if (text == NULL)
		text = yyjson_mut_write_opts(doc,
		    YYJSON_WRITE_ALLOW_INVALID_UNICODE |
			YYJSON_WRITE_ALLOW_INF_AND_NAN,
		    memory, n, NULL);
	if (text == NULL)
		abort();
	return text;
}

int
record_put(struct record_out *out, yyjson_mut_doc *doc)
{
	size_t n, first;
	int valid;
	char *text = write_json(doc, out->memory, &n, &valid);

	/* A server's message need not be UTF-8; the output must be. */
	if (valid)
		put_bytes(out, text, n);
	else
		utf8_repair(&out->data, text, n, &first);
	buf_putc(&out->data, '\n');
	out->memory->free(out->memory->ctx, text);
	yyjson_mut_doc_free(doc);
	return flush_if_full(out);
}

struct buf *
record_begin(struct record_out *out, const char *type)
{
	buf_puts(&out->data, "{\"type\":\"");
	buf_puts(&out->data, type);
	buf_putc(&out->data, '"');
	return &out->data;
}

int
record_end(struct record_out *out)
{
	buf_puts(&out->data, "}\n");
	return flush_if_full(out);
}

int
record_pass(struct record_out *out, const char *line, size_t n)
{
	put_bytes(out, line, n);
	buf_putc(&out->data, '\n');
	return flush_if_full(out);
}

int
record_move(struct record_out *out, struct record_out *from)
{
	struct buf empty = out->data;

	settle(from);
	if (out->fd == -1 && empty.len == 0) {
		out->data = from->data;
		from->data = empty;
		return 0;
	}
	put_bytes(out, from->data.data, from->data.len);
	buf_reset(&from->data, KEEP);
	return flush_if_full(out);
}

static void
add_if(yyjson_mut_doc *doc, const char *key, const char *value)
{
	if (value != NULL)
		yyjson_mut_obj_add_str(
		    doc, yyjson_mut_doc_get_root(doc), key, value);
}

/* What every form of an error begins with. */
static void
add_error(yyjson_mut_doc *doc, const struct record_error *e)
{
	add_if(doc, "stage", e->stage);
	add_if(doc, "class", record_class_name(e->class));
	add_if(doc, "code", e->code);
	add_if(doc, "message", e->message);
}

static void
add_chunk(yyjson_mut_doc *doc, const struct record_error *e)
{
	if (e->chunk >= 0)
		yyjson_mut_obj_add_int(
		    doc, yyjson_mut_doc_get_root(doc), "chunk", e->chunk);
}

char *
record_error_json(const struct record_error *e, size_t *n)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	struct buf json = {0};
	size_t len, first;
	int valid;
	char *text;

	yyjson_mut_doc_set_root(doc, yyjson_mut_obj(doc));
	add_error(doc, e);
	add_chunk(doc, e);
	text = write_json(doc, NULL, &len, &valid);
	utf8_repair(&json, text, len, &first);
	free(text);
	yyjson_mut_doc_free(doc);
	if (n != NULL)
		*n = json.len;
	return json.data;
}

int
record_put_error(struct record_out *out, const struct record_error *e)
{
	yyjson_mut_doc *doc = record_new(out, "error");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	add_error(doc, e);
	add_if(doc, "document_id", e->document_id);
	add_if(doc, "url", e->url);
	add_chunk(doc, e);
	if (e->line > 0)
		yyjson_mut_obj_add_uint(doc, root, "line", e->line);
	if (e->offset >= 0)
		yyjson_mut_obj_add_int(doc, root, "offset", e->offset);
	if (e->retry_after > 0)
		yyjson_mut_obj_add_real(
		    doc, root, "retry_after", e->retry_after);
	add_if(doc, "lease", e->lease);
	return record_put(out, doc);
}

void
record_get_error(
    yyjson_val *root, enum record_class fallback, struct record_error *e)
{
	int class = record_class_parse(record_str(root, "class", NULL));

	*e = (struct record_error){.stage = record_str(root, "stage", NULL),
	    .class = class == -1 ? fallback : (enum record_class) class,
	    .code = record_str(root, "code", NULL),
	    .message = record_str(root, "message", NULL),
	    .document_id = record_str(root, "document_id", NULL),
	    .url = record_str(root, "url", NULL),
	    .chunk = record_int(root, "chunk", -1),
	    .line = (uint64_t)record_int(root, "line", 0),
	    .offset = record_int(root, "offset", -1),
	    .retry_after = yyjson_get_num(yyjson_obj_get(root, "retry_after")),
	    .lease = record_str(root, "lease", NULL)};
}
