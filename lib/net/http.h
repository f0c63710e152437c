/*
 * http - one HTTP request at a time, over kept connections
 *
 * The only user of libcurl. HTTP and HTTPS alone; a redirect is an answer
 * like any other and never followed, so a header with a key stays with the
 * host it was meant for. Proxies come from libcurl's usual variables, trusted
 * certificates from CURL_CA_BUNDLE or SSL_CERT_FILE when set.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>
#include <stdint.h>

enum http_status {
	HTTP_ANSWERED,	/* with any status, 500 too */
	HTTP_TRANSIENT, /* no connection, cut, timed out */
	HTTP_CONFIG,	/* URL, certificate, an unbounded answer */
};

struct http;

struct http_request {
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const char *body; /* POST this; NULL: GET */
	size_t len;
	int64_t timeout;   /* ms for all of it; 0: none */
	size_t max_answer; /* bytes of body, decoded; 0: 64 MiB */
	/* Called about once a second meanwhile; may be NULL. */
	void (*tick)(void *argument);
	void *tick_argument;
};

struct http_answer {
	long status;
	const char *body; /* lent until the next request; has a NUL */
	size_t len;
};

/* NULL when libcurl cannot start. */
struct http *http_new(void);
void http_free(struct http *h);
/* Ask and wait. *answer is filled when the result is HTTP_ANSWERED. */
enum http_status http_run(struct http *h, const struct http_request *request,
    struct http_answer *answer);
/*
 * Copy the value of a header of the last answer, found in any letter case.
 * Returns out, or NULL when it is absent or does not fit.
 */
const char *http_header(
    const struct http *h, const char *name, char *out, size_t size);
/* Why the last request was not answered, without the URL. Lent. */
const char *http_error(const struct http *h);

#endif
