/* http_request: requests in one piece and byte by byte */
#include "net/http_request.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

enum { MAX = 20 };

#define POST "POST /hook/a HTTP/1.1\r\nHost: x\r\n"

static const struct {
	const char *text;
	int status; /* 0: complete, 1: more is needed, else refused */
	const char *body;
	size_t n_headers;
} cases[] = {
    {POST "\r\n", 0, "", 1},
    {POST "Content-Length: 3\r\n\r\nabc", 0, "abc", 2},
    {POST "Content-Length: 3\r\n\r\nabcdef", 0, "abc", 2},
    {POST "Content-Length: 0\r\n\r\n", 0, "", 2},
    {"\r\nPOST / HTTP/1.0\nA:b\n\n", 0, "", 1},
    {POST "X-Y:  a b\t\r\n\r\n", 0, "", 2},
    {POST "Transfer-Encoding: chunked\r\n\r\n"
	  "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n",
	0, "abcde", 2},
    {POST "transfer-encoding: Chunked\r\n\r\n0\r\n\r\n", 0, "", 2},
    /* Cut off. */
    {"", 1, "", 0},
    {POST, 1, "", 1},
    {POST "Content-Length: 3\r\n\r\nab", 1, "ab", 2},
    {POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", 1, "abc", 2},
    {POST "Transfer-Encoding: chunked\r\n\r\n0\r\n", 1, "", 2},
    /* Refused. */
    {"POST /hook/a\r\n\r\n", 400, "", 0},
    {"POST  / HTTP/1.1\r\n\r\n", 400, "", 0},
    {"POST / HTTP/2.0\r\n\r\n", 400, "", 0},
    {"POST / HTTP/1.1 \r\n\r\n", 400, "", 0},
    {POST " folded: 1\r\n\r\n", 400, "", 0},
    {POST "A : 1\r\n\r\n", 400, "", 0},
    {POST "none\r\n\r\n", 400, "", 0},
    {POST "A: \rb\r\n\r\n", 400, "", 0},
    {POST "Content-Length: -1\r\n\r\n", 400, "", 0},
    {POST "Content-Length: 1, 1\r\n\r\n", 400, "", 0},
    {POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400, "", 0},
    {POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "",
	0},
    {POST "Transfer-Encoding: gzip\r\n\r\n", 400, "", 0},
    {POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400, "", 0},
    {POST "Transfer-Encoding: chunked\r\n\r\n+3\r\n", 400, "", 0},
    {POST "Transfer-Encoding: chunked\r\n\r\n\r\n", 400, "", 0},
    {POST "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400, "", 0},
    {POST "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 400, "",
	0},
    {POST "Content-Length: 21\r\n\r\n", 413, "", 0},
    {POST "Content-Length: 99999999999999999999\r\n\r\n", 400, "", 0},
    {POST "Transfer-Encoding: chunked\r\n\r\n15\r\n", 413, "", 0},
    {POST "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n", 413, "", 0},
};

static int
feed(struct http_request *r, const char *s, size_t n, size_t step)
{
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i += step)
		status =
		    http_request_feed(r, s + i, n - i < step ? n - i : step);
	return status;
}

static void
test_case(size_t i, size_t step)
{
	struct http_request *r = http_request_new(MAX);
	const char *s = cases[i].text;
	int status = feed(r, s, strlen(s), step);
	int good = cases[i].status > 1
		       ? status == -1 && r->status == cases[i].status && r->why
		       : status == !cases[i].status && r->status == 0 &&
			     r->n_headers == cases[i].n_headers &&
			     r->body.len == strlen(cases[i].body) &&
			     memcmp(r->body.data ? r->body.data : "",
				 cases[i].body, r->body.len) == 0;

	tap(good, "case %zu by %zu bytes: %d", i, step, cases[i].status);
	http_request_free(r);
}

static void
test_limits(void)
{
	struct http_request *r = http_request_new(MAX);
	struct buf b = {0};

	buf_puts(&b, POST);
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "a%d: b\r\n", i);
	tap(feed(r, b.data, b.len, b.len) == -1 && r->status == 431,
	    "10,000 headers");
	http_request_free(r);
	r = http_request_new(MAX);
	buf_reset(&b, 0);
	for (int i = 0; i < HTTP_REQUEST_HEAD + 1; i++)
		buf_putc(&b, 'a');
	tap(feed(r, b.data, b.len, 7) == -1 && r->status == 431,
	    "a line without an end");
	http_request_free(r);
	buf_free(&b);
}

static void
test_decode(void)
{
	static const char *const words[][2] = {{"a%20b%2Fc", "a b/c"},
	    {"%c3%A9", "\xc3\xa9"}, {"", ""}, {"a+b", "a+b"}, {"%00", NULL},
	    {"%", NULL}, {"%4", NULL}, {"%zz", NULL}, {"a%2", NULL}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		char *s = http_request_decode(words[i][0], strlen(words[i][0]));

		tap(words[i][1] == NULL ? s == NULL
					: s && strcmp(s, words[i][1]) == 0,
		    "decode '%s'", words[i][0]);
		free(s);
	}
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		test_case(i, 1 << 16);
		test_case(i, 1);
	}
	test_limits();
	test_decode();
	return tap_done();
}
