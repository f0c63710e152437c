#include "net/http_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "base/alloc.h"
#include "base/num.h"

enum state {
	FIRST_LINE,
	HEADER,
	BODY,	    /* of a known length */
	CHUNK_SIZE, /* the line before a chunk */
	CHUNK,
	CHUNK_END, /* the end of line behind a chunk */
	TRAILER,
	COMPLETE
};

struct http_request *
http_request_new(size_t max_body)
{
	struct http_request *r = x_calloc(1, sizeof(*r));

	r->max_body = max_body;
	return r;
}

void
http_request_free(struct http_request *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n_headers; i++) {
		free(r->header[i].name);
		free(r->header[i].value);
	}
	free(r->method);
	free(r->target);
	buf_free(&r->body);
	buf_free(&r->line);
	free(r);
}

static int
refuse(struct http_request *r, int status, const char *why)
{
	r->status = status;
	r->why = why;
	return -1;
}

/* The number of characters of a token (RFC 9110, 5.6.2) at s. */
static size_t
token(const char *s)
{
	return strspn(s,
	    "!#$%&'*+-.^_`|~0123456789"
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* "METHOD TARGET HTTP/1.1" */
static int
take_first_line(struct http_request *r, const char *s)
{
	size_t method = token(s), target;
	const char *version;

	/* An empty line may stand before it (RFC 9112, 2.2). */
	if (*s == '\0')
		return 0;
	target = s[method] == ' ' ? strcspn(s + method + 1, " ") : 0;
	version = s + method + 1 + target;
	if (method == 0 || target == 0 ||
	    (strcmp(version, " HTTP/1.1") != 0 &&
		strcmp(version, " HTTP/1.0") != 0))
		return refuse(r, 400, "the first line is not HTTP/1.1");
	r->method = x_memdup(s, method);
	r->target = x_memdup(s + method + 1, target);
	r->state = HEADER;
	return 0;
}

/* The headers that say how long the body is. */
static int
take_length(struct http_request *r, const char *name, const char *value)
{
	int64_t n;

	if (strcasecmp(name, "Expect") == 0)
		r->expects = strcasecmp(value, "100-continue") == 0;
	if (strcasecmp(name, "Transfer-Encoding") == 0) {
		if (r->is_chunked || strcasecmp(value, "chunked") != 0)
			return refuse(r, 400, "an unknown Transfer-Encoding");
		r->is_chunked = 1;
	}
	if (strcasecmp(name, "Content-Length") == 0) {
		if (r->has_length || num_int(value, 0, INT64_MAX, &n) == -1)
			return refuse(r, 400, "a wrong Content-Length");
		r->has_length = 1;
		r->left = (size_t)n;
	}
	if (r->is_chunked && r->has_length)
		return refuse(
		    r, 400, "both Content-Length and Transfer-Encoding");
	return 0;
}

static int
end_head(struct http_request *r)
{
	r->has_head = 1;
	if (r->left > r->max_body)
		return refuse(r, 413, "the body is too long");
	r->state = r->is_chunked ? CHUNK_SIZE : r->left > 0 ? BODY : COMPLETE;
	return 0;
}

/* Trailers are checked, and dropped. */
static int
take_header(struct http_request *r, char *s)
{
	size_t n = token(s), end;
	char *value = s + n + 1;

	if (n == 0 || s[n] != ':')
		return refuse(r, 400, "a line is no header");
	if (r->state == TRAILER)
		return 0;
	if (r->n_headers == HTTP_REQUEST_HEADERS)
		return refuse(r, 431, "too many headers");
	value += strspn(value, " \t");
	end = strlen(value);
	while (end > 0 && strchr(" \t", value[end - 1]) != NULL)
		end--;
	r->header[r->n_headers].name = x_memdup(s, n);
	r->header[r->n_headers].value = x_memdup(value, end);
	r->n_headers++;
	return take_length(r, r->header[r->n_headers - 1].name,
	    r->header[r->n_headers - 1].value);
}

/* "SIZE[;EXTENSION]" in hex digits */
static int
take_chunk_size(struct http_request *r, const char *s)
{
	size_t n = strspn(s, "0123456789abcdefABCDEF");

	if (n == 0 || n > 15 || strchr("; \t", s[n]) == NULL)
		return refuse(r, 400, "a wrong size of a chunk");
	r->left = (size_t)strtoull(s, NULL, 16);
	if (r->left > r->max_body - r->body.len)
		return refuse(r, 413, "the body is too long");
	r->state = r->left > 0 ? CHUNK : TRAILER;
	return 0;
}

static int
take_line(struct http_request *r, char *s)
{
	switch ((enum state)r->state) {
	case FIRST_LINE:
		return take_first_line(r, s);
	case HEADER:
		return *s == '\0' ? end_head(r) : take_header(r, s);
	case CHUNK_SIZE:
		return take_chunk_size(r, s);
	case CHUNK_END:
		r->state = CHUNK_SIZE;
		return *s == '\0' ? 0 : refuse(r, 400, "a chunk has no end");
	case TRAILER:
		if (*s != '\0')
			return take_header(r, s);
		r->state = COMPLETE;
		return 0;
	default:
		abort();
	}
}

/* Take bytes up to the end of a line. How many, or -1. */
static ssize_t
feed_line(struct http_request *r, const char *p, size_t n)
{
	const char *end = memchr(p, '\n', n);
	size_t used = end ? (size_t)(end - p) + 1 : n;
	int status;

	/* Sizes of chunks are not of the head, but lines are bounded, too. */
	if (r->state == CHUNK_SIZE || r->state == CHUNK_END)
		r->head = 0;
	r->head += used;
	if (r->head > HTTP_REQUEST_HEAD ||
	    r->line.len + used > HTTP_REQUEST_HEAD)
		return refuse(r, 431, "the headers are too long");
	buf_add(&r->line, p, used);
	if (end == NULL)
		return (ssize_t)used;
	r->line.len--;
	if (r->line.len > 0 && r->line.data[r->line.len - 1] == '\r')
		r->line.len--;
	r->line.data[r->line.len] = '\0';
	if (strlen(r->line.data) != r->line.len ||
	    memchr(r->line.data, '\r', r->line.len) != NULL)
		return refuse(r, 400, "a line has NUL or CR in it");
	status = take_line(r, r->line.data);
	buf_reset(&r->line, HTTP_REQUEST_HEAD);
	return status == -1 ? -1 : (ssize_t)used;
}

static ssize_t
feed_body(struct http_request *r, const char *p, size_t n)
{
	size_t used = n < r->left ? n : r->left;

	buf_add(&r->body, p, used);
	r->left -= used;
	if (r->left == 0)
		r->state = r->state == CHUNK ? CHUNK_END : COMPLETE;
	return (ssize_t)used;
}

int
http_request_feed(struct http_request *r, const void *p, size_t n)
{
	const char *s = p;

	if (r->status != 0)
		return -1;
	while (n > 0 && r->state != COMPLETE) {
		ssize_t used = r->state == BODY || r->state == CHUNK
				   ? feed_body(r, s, n)
				   : feed_line(r, s, n);

		if (used == -1)
			return -1;
		s += used;
		n -= (size_t)used;
	}
	return r->state == COMPLETE;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *
http_request_decode(const char *s, size_t n)
{
	char *out = x_calloc(n + 1, 1), *to = out;

	for (size_t i = 0; i < n; i++) {
		int high, low;

		if (s[i] != '%') {
			*to++ = s[i];
			continue;
		}
		high = n - i > 2 ? hex_value(s[i + 1]) : -1;
		low = high != -1 ? hex_value(s[i + 2]) : -1;
		if (low == -1 || high + low == 0) {
			free(out);
			return NULL;
		}
		*to++ = (char)(high << 4 | low);
		i += 2;
	}
	return out;
}
