#include "net/http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/version.h"
#include "net/private_address.h"

enum {
	BODY_MAX = 64 << 20,
	HEADERS_MAX = 1 << 18,
	CONNECT_MAX = 10000, /* ms */
	KEEP = 4 << 20
};

struct http {
	CURL *curl;
	struct buf body;
	struct buf headers; /* lines of the last answer */
	size_t max_answer;
	int too_large;
	int refuse_private, is_private; /* is_private: one was refused */
	char error[CURL_ERROR_SIZE + 64];
};

static size_t
on_body(char *data, size_t size, size_t n, void *argument)
{
	struct http *h = argument;

	(void)size;
	if (n > h->max_answer - h->body.len) {
		h->too_large = 1;
		return 0;
	}
	buf_add(&h->body, data, n);
	return n;
}

/*
 * Keep the header lines of the last answer; lines of interim answers (1xx) go.
 */
static size_t
on_header(char *data, size_t size, size_t n, void *argument)
{
	struct http *h = argument;

	(void)size;
	if (n >= 5 && memcmp(data, "HTTP/", 5) == 0)
		buf_reset(&h->headers, KEEP);
	if (n > HEADERS_MAX - h->headers.len) {
		h->too_large = 1;
		return 0;
	}
	buf_add(&h->headers, data, n);
	return n;
}

static int
on_progress(void *argument, curl_off_t to_come, curl_off_t came,
    curl_off_t to_go, curl_off_t gone)
{
	const struct http_request *request = argument;

	(void)to_come;
	(void)came;
	(void)to_go;
	(void)gone;
	request->tick(request->tick_argument);
	return 0;
}

/*
 * Open a socket to an address that the name stands for. Looking here, and not
 * at the URL, finds each way to write an address, and a name that stands for
 * one.
 */
static curl_socket_t
on_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct http *h = argument;

	(void)purpose;
	if (h->refuse_private && private_address_is(&to->addr)) {
		h->is_private = 1;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* Options that hold for every request. */
static void
prepare(struct http *h)
{
	const char *bundle = getenv("CURL_CA_BUNDLE");

	if (bundle == NULL || *bundle == '\0')
		bundle = getenv("SSL_CERT_FILE");
	if (bundle != NULL && *bundle != '\0')
		curl_easy_setopt(h->curl, CURLOPT_CAINFO, bundle);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS,
	    (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
	curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "pl/" PL_VERSION);
	curl_easy_setopt(h->curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(h->curl, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(h->curl, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, (void *)h);
	curl_easy_setopt(h->curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(h->curl, CURLOPT_HEADERDATA, (void *)h);
	curl_easy_setopt(h->curl, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(h->curl, CURLOPT_OPENSOCKETDATA, (void *)h);
}

struct http *
http_new(void)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	h = x_calloc(1, sizeof(*h));
	h->curl = curl_easy_init();
	if (h->curl == NULL) {
		free(h);
		return NULL;
	}
	prepare(h);
	return h;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	curl_easy_cleanup(h->curl);
	buf_free(&h->body);
	buf_free(&h->headers);
	free(h);
	curl_global_cleanup();
}

static enum http_status
classify(struct http *h, CURLcode code)
{
	if (h->too_large) {
		snprintf(h->error, sizeof(h->error),
		    "the answer is larger than %zu bytes", h->max_answer);
		return HTTP_CONFIG;
	}
	if (h->is_private) {
		snprintf(h->error, sizeof(h->error),
		    "the address is private, and not allowed");
		return HTTP_CONFIG;
	}
	if (h->error[0] == '\0')
		snprintf(
		    h->error, sizeof(h->error), "%s", curl_easy_strerror(code));
	switch (code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_BAD_CONTENT_ENCODING:
		return HTTP_CONFIG;
	default:
		/*
		 * A name that cannot be resolved is also tried again: the name
		 * server may have failed for a moment.
		 */
		return HTTP_TRANSIENT;
	}
}

static struct curl_slist *
header_list(const struct http_request *request)
{
	/* No "Expect: 100-continue": few servers answer it in time. */
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; i < request->header_count && list != NULL; i++) {
		struct curl_slist *more =
		    curl_slist_append(list, request->headers[i]);

		if (more == NULL)
			curl_slist_free_all(list);
		list = more;
	}
	return list;
}

enum http_status
http_run(struct http *h, const struct http_request *request,
    struct http_answer *answer)
{
	struct curl_slist *headers = header_list(request);
	int64_t timeout = request->timeout;
	CURLcode code;

	h->error[0] = '\0';
	h->too_large = h->is_private = 0;
	h->refuse_private = request->refuse_private;
	h->max_answer = request->max_answer ? request->max_answer : BODY_MAX;
	buf_reset(&h->body, KEEP);
	buf_reset(&h->headers, KEEP);
	curl_easy_setopt(h->curl, CURLOPT_URL, request->url);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)timeout);
	curl_easy_setopt(h->curl, CURLOPT_CONNECTTIMEOUT_MS,
	    timeout > 0 && timeout < CONNECT_MAX ? (long)timeout
						 : (long)CONNECT_MAX);
	if (request->body != NULL) {
		curl_easy_setopt(h->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)request->len);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, request->body);
	} else {
		curl_easy_setopt(h->curl, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(
	    h->curl, CURLOPT_NOPROGRESS, request->tick == NULL ? 1L : 0L);
	curl_easy_setopt(h->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(h->curl, CURLOPT_XFERINFODATA, (void *)request);
	code =
	    headers != NULL ? curl_easy_perform(h->curl) : CURLE_OUT_OF_MEMORY;
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return classify(h, code);
	*answer = (struct http_answer){
	    .body = h->body.data ? h->body.data : "", .len = h->body.len};
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &answer->status);
	return HTTP_ANSWERED;
}

const char *
http_header(const struct http *h, const char *name, char *out, size_t size)
{
	const char *line = h->headers.data, *end, *p;
	size_t n = strlen(name), len;

	for (; line != NULL && (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		if (strncasecmp(line, name, n) != 0 || line[n] != ':')
			continue;
		for (p = line + n + 1; *p == ' ' || *p == '\t'; p++)
			;
		len = strcspn(p, "\r\n");
		if (len >= size)
			return NULL;
		memcpy(out, p, len);
		out[len] = '\0';
		return out;
	}
	return NULL;
}

const char *
http_error(const struct http *h)
{
	return h->error;
}
