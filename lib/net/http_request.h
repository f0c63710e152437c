/*
 * http_request - parse one HTTP/1.1 request, for pl-webhook --stdin
 *
 * Bytes are fed in any parts. It is strict (RFC 9112): what two parsers could
 * read in two ways is refused. Memory is bounded. Pure.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stddef.h>

#include "base/buf.h"

enum {
	HTTP_REQUEST_HEADERS = 100,   /* at most */
	HTTP_REQUEST_HEAD = 16 * 1024 /* bytes of all lines but the body's */
};

struct http_request_header {
	char *name, *value;
};

struct http_request {
	char *method, *target; /* NULL until the first line was read */
	struct http_request_header header[HTTP_REQUEST_HEADERS];
	size_t n_headers;
	struct buf body;
	int expects;	 /* the client waits for "100 Continue" */
	int has_head;	 /* the headers are complete */
	int status;	 /* of the answer that refuses it, or 0 */
	const char *why; /* static: the reason of that */
	/* Below: the parser's own. */
	int state;
	size_t max_body, head; /* limit; bytes of lines so far */
	size_t left;	       /* bytes that the body, or a chunk, still has */
	int is_chunked, has_length;
	struct buf line;
};

struct http_request *http_request_new(size_t max_body);
void http_request_free(struct http_request *r);
/*
 * Take n bytes. 0: the request is not complete; 1: it is, what follows is
 * ignored; -1: it is refused, with status and why.
 */
int http_request_feed(struct http_request *r, const void *p, size_t n);

/*
 * Decode the percent-encoded bytes of s. The caller frees the result; NULL if
 * an escape is wrong or stands for NUL.
 */
char *http_request_decode(const char *s, size_t n);

#endif
