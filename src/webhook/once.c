#include "once.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"
#include "call.h"
#include "net/http_request.h"
#include "options.h"
#include "receiver.h"
#include "tool/cli.h"

enum { PIECE = 1 << 16 };

extern char **environ;

/* At most n bytes of standard input; 0 at its end, -1: too late. */
static ssize_t
read_part(char *to, size_t n, double deadline)
{
	for (;;) {
		struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
		double left = deadline - time_now();
		ssize_t k;

		if (left <= 0 || stop_requested())
			return -1;
		if (poll(&p, 1, (int)(left * 1000) + 1) <= 0)
			continue;
		k = read(STDIN_FILENO, to, n);
		if (k >= 0)
			return k;
		if (errno != EINTR && errno != EAGAIN)
			return 0;
	}
}

static void
write_all(const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, p, n);

		if (k == -1 && errno != EINTR)
			cli_die_output();
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
	}
}

/* The rest of a request that is refused is read, as its sender still writes. */
static void
drain(char *piece, double deadline)
{
	while (read_part(piece, PIECE, deadline) > 0)
		;
}

static void
take_head(struct call *c, const struct http_request *q)
{
	c->method = q->method;
	c->target = q->target;
	for (size_t i = 0; i < q->n_headers; i++) {
		c->header[i].name = q->header[i].name;
		c->header[i].value = q->header[i].value;
	}
	c->n_headers = q->n_headers;
}

/* Feed what is read until the request is complete, refused or late. */
static void
read_request(
    struct receiver *r, struct call *c, struct http_request *q, double deadline)
{
	char *piece = x_calloc(1, PIECE);
	int status = 0, has_begun = 0;

	while (status == 0 && c->status == 0) {
		ssize_t n = read_part(piece, PIECE, deadline);

		if (n == -1)
			call_refuse(
			    r, c, 408, "the request did not end in time");
		else if (n == 0)
			call_refuse(r, c, 400, "the request is cut off");
		else
			status = http_request_feed(q, piece, (size_t)n);
		if (q->has_head && !has_begun) {
			has_begun = 1;
			take_head(c, q);
			call_begin(r, c);
			if (c->status == 0 && q->expects && status == 0)
				write_all("HTTP/1.1 100 Continue\r\n\r\n", 25);
		}
		if (status == -1 && c->status == 0)
			call_refuse(r, c, q->status, q->why);
	}
	if (status == 1)
		call_body(r, c, q->body.data, q->body.len);
	else if (c->status != 408 && !(q->has_head && q->expects))
		drain(piece, deadline);
	free(piece);
}

/* CGI. */

/* "HTTP_X_SIGNATURE=v" is the header X-SIGNATURE. */
static void
take_variable(struct call *c, struct http_request *q, const char *variable)
{
	const char *equals = strchr(variable, '=');
	struct http_request_header *h = &q->header[q->n_headers];
	size_t skip = strncmp(variable, "HTTP_", 5) == 0 ? 5 : 0;

	if (equals == NULL || c->n_headers == CALL_HEADERS ||
	    (skip == 0 && strncmp(variable, "CONTENT_TYPE=", 13) != 0 &&
		strncmp(variable, "CONTENT_LENGTH=", 15) != 0))
		return;
	h->name = x_memdup(variable + skip, (size_t)(equals - variable) - skip);
	h->value = x_strdup(equals + 1);
	for (char *s = h->name; *s != '\0'; s++)
		if (*s == '_')
			*s = '-';
	q->n_headers++;
	c->header[c->n_headers].name = h->name;
	c->header[c->n_headers++].value = h->value;
}

static void
read_cgi(
    struct receiver *r, struct call *c, struct http_request *q, double deadline)
{
	const char *method = getenv("REQUEST_METHOD");
	const char *path = getenv("PATH_INFO");
	const char *length = getenv("CONTENT_LENGTH");
	char *piece;
	int64_t left = 0;

	c->method = method ? method : "";
	c->target = path ? path : "";
	c->is_decoded = 1;
	for (char **v = environ; *v != NULL; v++)
		take_variable(c, q, *v);
	call_begin(r, c);
	if (c->status == 0 && length != NULL && *length != '\0' &&
	    num_int(length, 0, INT64_MAX, &left) == -1)
		call_refuse(r, c, 400, "a wrong CONTENT_LENGTH");
	piece = x_calloc(1, PIECE);
	while (left > 0 && c->status == 0) {
		ssize_t n = read_part(
		    piece, left < PIECE ? (size_t)left : PIECE, deadline);

		if (n > 0)
			call_body(r, c, piece, (size_t)n);
		else
			call_refuse(r, c, n == 0 ? 400 : 408,
			    n == 0 ? "the request is cut off"
				   : "the request did not end in time");
		left -= n;
	}
	free(piece);
}

static void
write_answer(const struct call *c, int is_cgi)
{
	struct buf head = {0};

	buf_printf(&head, "%s %d %s\r\n", is_cgi ? "Status:" : "HTTP/1.1",
	    c->status, call_reason(c->status));
	buf_printf(&head, "Content-Type: %s\r\nContent-Length: %zu\r\n",
	    c->type, c->answer.len);
	if (call_retry_after(c) > 0)
		buf_printf(&head, "Retry-After: %d\r\n", call_retry_after(c));
	if (!is_cgi)
		buf_puts(&head, "Connection: close\r\n");
	buf_puts(&head, "\r\n");
	if (c->method == NULL || strcmp(c->method, "HEAD") != 0)
		buf_add(&head, c->answer.data, c->answer.len);
	write_all(head.data, head.len);
	buf_free(&head);
}

int
webhook_once(struct receiver *r)
{
	double deadline = time_now() + (double)r->options->timeout / 1000;
	struct http_request *q = http_request_new(r->options->max_body);
	int is_cgi = cli_env("GATEWAY_INTERFACE", NULL) != NULL, status;
	struct call *c = x_calloc(1, sizeof(*c));

	(is_cgi ? read_cgi : read_request)(r, c, q, deadline);
	if (c->status == 0 && call_end(r, c) == CALL_SAVE) {
		struct webhook *event = &c->event;

		receiver_save(r, &event, 1);
		call_saved(r, c);
	}
	write_answer(c, is_cgi);
	status = c->status;
	receiver_answered(r, status, c->target ? c->target : "-", c->why);
	call_free(r, c);
	free(c);
	http_request_free(q);
	return status;
}
