#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "embed/retry_after.h"
#include "ingest.h"
#include "net/http.h"
#include "record/record.h"
#include "report.h"
#include "source/crawl_status.h"
#include "text/mask.h"
#include "tool/cli.h"
#include "tool/secret.h"

enum {
	TIMEOUT = 120000,	 /* ms for a request; a part may be 10 MiB */
	ANSWER_MAX = 256 << 20,	 /* bytes */
	THROTTLED_MAX = 600,	 /* seconds to wait in all if asked to */
	THROTTLED_ONCE_MAX = 60, /* the same with --once */
	NEW_FOR = 10,		 /* seconds that a new crawl may be unknown */
	TEXT_MAX = 300		 /* bytes of a server's words in a message */
};

struct ingest_api {
	struct ingest *in;
	struct http *http;
	char *base, *key, *header;
	struct buf url, error;
	char code[16]; /* of the last failure: http_418 */
};

/* What to do about a failure. */
struct verdict {
	enum error_class class;
	const char *code;
	int retry;
	double retry_after; /* seconds, or 0 */
	int is_new;	    /* a crawl that may appear */
};

static char *
read_key(void)
{
	const char *key = secret_env("FIRECRAWL_API_KEY");

	if (key == NULL)
		return NULL;
	for (const char *p = key; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			cli_die(CLI_FAILED, "the key of Firecrawl holds a "
					    "space or another character that "
					    "no key has");
	return x_strdup(key);
}

/* The base URL without slashes and a version at its end. */
static char *
read_base(void)
{
	const char *url = cli_env("FIRECRAWL_API_URL", NULL);
	char *base = x_strdup(url ? url : "https://api.firecrawl.dev");
	size_t n = strlen(base);

	while (n > 0 && base[n - 1] == '/')
		base[--n] = '\0';
	if (n > 3 && (strcmp(base + n - 3, "/v1") == 0 ||
			 strcmp(base + n - 3, "/v2") == 0))
		base[n - 3] = '\0';
	if ((strncmp(base, "http://", 7) != 0 &&
		strncmp(base, "https://", 8) != 0) ||
	    strpbrk(base, "?#@ ") != NULL)
		cli_die(CLI_FAILED, "FIRECRAWL_API_URL: expected a URL such as "
				    "https://api.firecrawl.dev, without user "
				    "and query");
	return base;
}

struct ingest_api *
ingest_api_open(struct ingest *in)
{
	struct ingest_api *api = x_calloc(1, sizeof(*api));
	struct buf header = {0};

	api->in = in;
	api->base = read_base();
	api->key = read_key();
	in->secrets[0] = api->key;
	if (api->key != NULL) {
		buf_printf(&header, "Authorization: Bearer %s", api->key);
		api->header = header.data;
	}
	api->http = http_new();
	if (api->http == NULL)
		cli_die(CLI_FAILED, "libcurl cannot start");
	return api;
}

void
ingest_api_free(struct ingest_api *api)
{
	if (api == NULL)
		return;
	api->in->secrets[0] = NULL;
	http_free(api->http);
	free(api->base);
	free(api->key);
	free(api->header);
	buf_free(&api->url);
	buf_free(&api->error);
	free(api);
}

const char *
ingest_api_base(const struct ingest_api *api)
{
	return api->base;
}

const char *
ingest_api_error(const struct ingest_api *api)
{
	return api->error.data;
}

/* Append a server's words, which may repeat the key, and are cut. */
static void
add_words(struct ingest_api *api, struct document_text words)
{
	const char *secrets[] = {api->key, NULL};
	struct buf masked = {0};

	mask_add(&masked, words.s, words.n, secrets);
	if (masked.len > 0) {
		buf_putc(&api->error, ' ');
		buf_add(&api->error, masked.data,
		    utf8_floor(masked.data, masked.len, TEXT_MAX));
	}
	buf_free(&masked);
}

/* The member error of an answer; the document must be freed. */
static yyjson_doc *
read_error(const struct ingest_answer *a, struct document_text *error)
{
	const char *why;
	size_t repaired, repaired_at, at;
	yyjson_doc *doc =
	    record_parse(a->body, a->len, &repaired, &repaired_at, &why, &at);
	yyjson_val *root = yyjson_doc_get_root(doc);

	error->s = record_str(root, "error", &error->n);
	return doc;
}

static int
has(struct document_text t, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= t.n; i++)
		if (memcmp(t.s + i, word, n) == 0)
			return 1;
	return 0;
}

/* How long an answer 429 asks to wait: its header, else its text. */
static double
asked_wait(const struct ingest_api *api, struct document_text error)
{
	char header[64];
	double wait = retry_after(NULL,
	    http_header(api->http, "retry-after", header, sizeof(header)),
	    time_unix());

	return wait > 0 ? wait : (double)crawl_status_wait(error);
}

/* By docs/formats.md, 2.4. The last row is for any other status. */
static const struct row {
	long from, to;
	enum error_class class;
	int retry;
	const char *code; /* NULL: of the status */
	const char *advice;
} rows[] = {
    {300, 399, ERROR_CONFIG, 0, NULL,
	"a redirect is not followed: set FIRECRAWL_API_URL to where it leads"},
    {400, 400, ERROR_CONFIG, 0, NULL, "the request was refused"},
    {401, 401, ERROR_CONFIG, 0, NULL, "check FIRECRAWL_API_KEY"},
    {402, 402, ERROR_QUOTA, 0, NULL, "the account has no credits left"},
    {403, 403, ERROR_CONFIG, 0, NULL, "the account may not do that"},
    {404, 404, ERROR_INPUT, 0, "crawl_not_found",
	"check the id, and the key, as a crawl of another team is not shown"},
    {408, 408, ERROR_TRANSIENT, 1, NULL, "try again later"},
    {413, 422, ERROR_CONFIG, 0, NULL, "the request was refused"},
    {429, 429, ERROR_THROTTLED, 1, NULL, "try again later"},
    {500, 599, ERROR_TRANSIENT, 1, NULL, "try again later"},
    {0, 999, ERROR_CONFIG, 0, NULL, "the request was refused"},
};

static void
judge_status(struct ingest_api *api, const struct ingest_request *q,
    const struct ingest_answer *a, struct verdict *v)
{
	const struct row *row = rows;
	struct document_text error;
	yyjson_doc *doc = read_error(a, &error);

	while (a->status < row->from || a->status > row->to)
		row++;
	snprintf(api->code, sizeof(api->code), "http_%ld", a->status);
	*v = (struct verdict){.class = row->class,
	    .code = row->code ? row->code : api->code,
	    .retry = row->retry};
	buf_printf(&api->error, "HTTP %ld", a->status);
	add_words(api, error);
	buf_puts(&api->error, ": ");
	if (a->status == 404 && has(error, "expired")) {
		v->code = "crawl_expired";
		buf_puts(&api->error,
		    "results are kept for a day or so: crawl again");
	} else {
		v->is_new = a->status == 404 && q->is_new;
		v->retry |= v->is_new;
		buf_puts(&api->error, row->advice);
	}
	if (a->status == 429)
		v->retry_after = asked_wait(api, error);
	yyjson_doc_free(doc);
}

/* Whether a body begins and ends as an object: not cut, and not a web page. */
static int
is_object(const struct ingest_answer *a)
{
	const char *start = a->body, *end = a->body + a->len;

	while (start < end && strchr(" \t\r\n", *start) != NULL)
		start++;
	while (end > start && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	return end - start >= 2 && *start == '{' && end[-1] == '}';
}

/* Send once. 0, or -1 with the verdict. */
static int
send_once(struct ingest_api *api, const struct ingest_request *q,
    struct ingest_answer *answer, struct verdict *v)
{
	const char *headers[] = {"Content-Type: application/json", api->header};
	struct http_request r = {.url = api->url.data,
	    .headers = q->body != NULL ? headers : headers + 1,
	    .body = q->body,
	    .len = q->body != NULL ? strlen(q->body) : 0,
	    .timeout = TIMEOUT,
	    .max_answer = ANSWER_MAX,
	    .refuse_private = !api->in->options.allow_private};
	struct http_answer a = {0};
	enum http_status status;

	r.header_count = (q->body != NULL) + (api->header != NULL);
	status = http_run(api->http, &r, &a);
	*answer = (struct ingest_answer){a.status, a.body, a.len};
	buf_reset(&api->error, 4096);
	if (status != HTTP_ANSWERED) {
		*v = (struct verdict){.class = ERROR_TRANSIENT,
		    .code = "unavailable",
		    .retry = !q->once};
		if (status == HTTP_CONFIG)
			*v = (struct verdict){
			    .class = ERROR_CONFIG, .code = "bad_url"};
		buf_printf(
		    &api->error, "%s: %s", api->base, http_error(api->http));
		if (strstr(api->error.data, "private") != NULL)
			buf_puts(&api->error,
			    ": if that is your own server, use "
			    "--allow-private");
		return -1;
	}
	if (a.status < 200 || a.status > 299) {
		judge_status(api, q, answer, v);
		v->retry &= !q->once || a.status == 429;
		return -1;
	}
	if (is_object(answer))
		return 0;
	*v = (struct verdict){
	    .class = ERROR_TRANSIENT, .code = "bad_answer", .retry = !q->once};
	buf_puts(&api->error, "the answer is not a JSON object");
	return -1;
}

/* How long to go on waiting for this, in seconds. */
static double
patience(const struct ingest_api *api, const struct verdict *v)
{
	const struct ingest_options *o = &api->in->options;

	if (v->class == ERROR_THROTTLED)
		return o->once ? THROTTLED_ONCE_MAX : THROTTLED_MAX;
	return v->is_new ? NEW_FOR : o->retry_for;
}

/* Wait before the next try. 0, or -1 if it is time to give up. */
static int
wait_again(
    struct ingest_api *api, const struct verdict *v, int failures, double since)
{
	static const struct backoff backoff = {0.5, 15, 0.5};
	double wait = v->retry_after;

	if (!v->retry)
		return -1;
	wait = wait > 0 ? wait + 0.001 : backoff_wait(&backoff, failures);
	if (time_now() + wait - since > patience(api, v))
		return -1;
	cli_note("%s: %s; trying again in %.1f s", api->in->input,
	    api->error.data, wait);
	ingest_report_idle(api->in);
	time_sleep(wait);
	return 0;
}

int
ingest_api_run(struct ingest_api *api, const struct ingest_request *q,
    struct ingest_answer *answer)
{
	double since = time_now();
	struct verdict v = {0};
	int is_of_page;

	buf_reset(&api->url, 4096);
	buf_printf(
	    &api->url, "%s/%s%s", api->base, api->in->options.api, q->path);
	for (int failures = 1;; failures++) {
		if (send_once(api, q, answer, &v) == 0)
			return 0;
		if (wait_again(api, &v, failures, since) == -1)
			break;
	}
	/* A server that is away, or takes no more, says nothing of the page. */
	is_of_page = answer->status != 0 &&
		     (v.class == ERROR_INPUT || v.class == ERROR_TRANSIENT);
	if (!q->is_optional || answer->status == 0)
		ingest_report_failure(api->in,
		    &(struct ingest_failure){v.class, v.code,
			is_of_page ? q->page : NULL, v.retry_after},
		    "%s", api->error.data);
	return -1;
}
