/*
 * http - HTTP requests, one at a time, over connections that are kept open
 *
 * The only user of libcurl, for HTTP and HTTPS. A redirect is not followed, but
 * returned like any other answer, so that a header with a key is sent to its
 * own host only. Proxies come from libcurl's usual variables, trusted
 * certificates from CURL_CA_BUNDLE or SSL_CERT_FILE, if set.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>
#include <stdint.h>

enum http_status {
	HTTP_ANSWERED,	/* with any HTTP status, also 500 */
	HTTP_TRANSIENT, /* no connection, cut, timed out */
	/* bad URL, bad certificate, private address, or too large an answer */
	HTTP_CONFIG,
};

struct http;

struct http_request {
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const char *body; /* POST this; NULL: GET */
	size_t len;
	int64_t timeout;    /* ms for the whole request; 0: none */
	size_t max_answer;  /* bytes of body, decoded; 0: 64 MiB */
	int refuse_private; /* connect to public addresses only */
	/* Called about once a second during the request; may be NULL. */
	void (*tick)(void *argument);
	void *tick_argument;
};

struct http_answer {
	long status;
	const char *body; /* lent until the next request; NUL-terminated */
	size_t len;
};

/* NULL when libcurl cannot start. */
struct http *http_new(void);
void http_free(struct http *h);
/* Send a request and wait. Sets *answer if the result is HTTP_ANSWERED. */
enum http_status http_run(struct http *h, const struct http_request *request,
    struct http_answer *answer);
/*
 * Copy the value of a header of the last answer; name matches in any letter
 * case. Returns out, or NULL if the header is absent or does not fit.
 */
const char *http_header(
    const struct http *h, const char *name, char *out, size_t size);
/* Why the last request was not answered, without the URL. Lent. */
const char *http_error(const struct http *h);

#endif
