#include "call.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/time.h"
#include "base/utf8.h"
#include "net/http_request.h"
#include "options.h"
#include "receiver.h"
#include "record/json_write.h"
#include "secrets.h"

enum { RESERVE = 1 << 20, CONTENT_TYPE_MAX = 256 };

static const char hook[] = "/hook/";
static const char why_away[] = "Postgres is away: come again";

static const struct {
	int status;
	const char *words;
} reasons[] = {{200, "OK"}, {400, "Bad Request"}, {401, "Unauthorized"},
    {404, "Not Found"}, {405, "Method Not Allowed"}, {408, "Request Timeout"},
    {413, "Content Too Large"}, {415, "Unsupported Media Type"},
    {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
    {503, "Service Unavailable"}};

const char *
call_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].status == status)
			return reasons[i].words;
	return "Error";
}

int
call_retry_after(const struct call *c)
{
	return c->status == 503 ? 2 : 0;
}

/* The body is not needed any more. */
static void
drop_body(struct receiver *r, struct call *c)
{
	buf_free(&c->body);
	r->memory -= c->counted;
	c->counted = 0;
}

void
call_refuse(struct receiver *r, struct call *c, int status, const char *why)
{
	c->status = status;
	c->why = why;
	c->type = "application/json";
	buf_reset(&c->answer, 0);
	buf_puts(&c->answer, "{\"error\":");
	json_string(&c->answer, why, strlen(why));
	buf_puts(&c->answer, "}\n");
	drop_body(r, c);
}

static void
give_text(struct call *c, int status)
{
	c->status = status;
	c->type = "text/plain; version=0.0.4; charset=utf-8";
	c->why = "";
}

/* What is not a webhook: /healthz and /metrics. 1 if it was one of them. */
static int
begin_view(struct receiver *r, struct call *c, size_t n)
{
	int is_health = n == 8 && strncmp(c->target, "/healthz", n) == 0;

	if (!is_health && (n != 8 || strncmp(c->target, "/metrics", n) != 0))
		return 0;
	if (strcmp(c->method, "GET") != 0 && strcmp(c->method, "HEAD") != 0) {
		call_refuse(r, c, 405, "only GET is answered here");
	} else if (is_health && !receiver_is_healthy(r)) {
		call_refuse(r, c, 503, "Postgres does not answer");
	} else {
		give_text(c, 200);
		if (is_health)
			buf_puts(&c->answer, "ok\n");
		else
			receiver_metrics(r, &c->answer);
	}
	return 1;
}

/* The source that the target names, and its settings. 0 or -1. */
static int
find_source(struct receiver *r, struct call *c, size_t n)
{
	const struct webhook_source *s = NULL;
	const char *why = NULL;
	int is_unknown = 1;

	c->source = c->is_decoded
			? x_memdup(c->target + strlen(hook), n - strlen(hook))
			: http_request_decode(
			      c->target + strlen(hook), n - strlen(hook));
	if (c->source != NULL && webhook_secrets_name_ok(c->source) &&
	    utf8_valid(c->source, strlen(c->source)) == strlen(c->source))
		s = receiver_source(r, c->source, &is_unknown);
	if (s == NULL) {
		if (is_unknown)
			call_refuse(r, c, 404,
			    "no source of this name has a "
			    "webhook");
		else
			call_refuse(r, c, 503, why_away);
		return -1;
	}
	if (verifier_parse(s->verifier, &c->verifier, &why) == -1) {
		call_refuse(r, c, 503, "the source's verifier is not known");
		return -1;
	}
	memcpy(c->event.source, s->id, DIGEST_UUID);
	c->has_map = s->has_map;
	return 0;
}

static struct verifier_request
request_of(const struct call *c)
{
	return (struct verifier_request){.headers = c->header,
	    .n_headers = c->n_headers,
	    .body = c->body.data ? c->body.data : "",
	    .body_len = c->body.len,
	    .now = time_unix()};
}

/* What headers alone tell. */
static void
check_headers(struct receiver *r, struct call *c)
{
	struct verifier_request request = request_of(c);
	const char *coding = verifier_header(&request, "Content-Encoding");
	const char *length = verifier_header(&request, "Content-Length");
	unsigned long long n = length ? strtoull(length, NULL, 10) : 0;

	for (size_t i = 0; i < c->n_headers; i++)
		if (strcasecmp(c->header[i].name, "Content-Encoding") == 0 &&
		    (coding == NULL || strcasecmp(coding, "identity") != 0)) {
			call_refuse(
			    r, c, 415, "a Content-Encoding is not understood");
			return;
		}
	if (n > r->options->max_body)
		call_refuse(r, c, 413, "the body is longer than --max-body");
	else if (n > 0)
		buf_reserve(&c->body, n < RESERVE ? (size_t)n : RESERVE);
}

void
call_begin(struct receiver *r, struct call *c)
{
	size_t n = strcspn(c->target, "?");

	if (begin_view(r, c, n))
		return;
	if (strncmp(c->target, hook, strlen(hook)) != 0) {
		call_refuse(r, c, 404, "the path is /hook/SOURCE");
		return;
	}
	if (strcmp(c->method, "POST") != 0) {
		call_refuse(r, c, 405, "a webhook is a POST");
		return;
	}
	if (find_source(r, c, n) == -1)
		return;
	if (!receiver_may_ask(r))
		call_refuse(r, c, 503, why_away);
	else
		check_headers(r, c);
}

void
call_body(struct receiver *r, struct call *c, const void *p, size_t n)
{
	if (c->status != 0)
		return;
	if (n > r->options->max_body - c->body.len) {
		call_refuse(r, c, 413, "the body is longer than --max-body");
	} else if (n > r->options->max_memory - r->memory) {
		call_refuse(r, c, 503,
		    "too many bodies at once (--max-memory): come again");
	} else {
		buf_add(&c->body, p, n);
		c->counted += n;
		r->memory += n;
	}
}

/* 0, or -1: the request is refused. */
static int
verify(struct receiver *r, struct call *c)
{
	struct verifier_request request = request_of(c);
	struct webhook_secrets secrets = {0};
	enum verifier_answer answer;
	const char *why;

	if (verifier_needs_secret(&c->verifier) &&
	    webhook_secrets_read(
		r->options->secrets, c->source, &secrets, &why) == -1) {
		call_refuse(r, c, 503, why);
		return -1;
	}
	answer = verifier_check(
	    &c->verifier, secrets.secret, secrets.n, &request, &why);
	webhook_secrets_free(&secrets);
	if (answer == VERIFIER_GOOD)
		return 0;
	call_refuse(r, c, answer == VERIFIER_REFUSED ? 401 : 503, why);
	return -1;
}

/* A header of the sender's is not trusted to be UTF-8. */
static void
take_content_type(struct call *c, const struct verifier_request *request)
{
	const char *type = verifier_header(request, "Content-Type");
	size_t first;

	if (type == NULL)
		return;
	utf8_repair(&c->content_type, type, strlen(type), &first);
	if (c->content_type.len > CONTENT_TYPE_MAX)
		c->content_type.data[utf8_floor(c->content_type.data,
		    c->content_type.len, CONTENT_TYPE_MAX)] = '\0';
	c->event.content_type = c->content_type.data;
}

static const char *
or_null(const char *s)
{
	return *s != '\0' ? s : NULL;
}

static void
fill_event(struct call *c, const struct verifier_request *request)
{
	struct digest *d = digest_new();

	digest_add(d, request->body, request->body_len);
	digest_end(d, c->event.digest);
	digest_free(d);
	take_content_type(c, request);
	verifier_evidence(&c->verifier, request, &c->headers);
	c->event.headers = c->headers.data;
	c->event.delivery = or_null(c->meaning.delivery);
	c->event.type = or_null(c->meaning.type);
	c->event.crawl = or_null(c->meaning.crawl);
	c->event.action = c->meaning.action;
	c->event.body = request->body;
	c->event.body_len = request->body_len;
}

enum call_next
call_end(struct receiver *r, struct call *c)
{
	struct verifier_request request = request_of(c);
	const char *why = NULL;

	if (c->status != 0 || verify(r, c) == -1)
		return CALL_ANSWER;
	if (webhook_event_read(request.body, request.body_len, c->has_map,
		verifier_signs_id(&c->verifier),
		verifier_delivery(&c->verifier, &request), &c->meaning,
		&why) == -1) {
		call_refuse(r, c, 400, why);
		return CALL_ANSWER;
	}
	fill_event(c, &request);
	return CALL_SAVE;
}

void
call_saved(struct receiver *r, struct call *c)
{
	const struct webhook *e = &c->event;

	switch (e->state) {
	case WEBHOOK_OPEN:
		call_refuse(r, c, 503, why_away);
		return;
	case WEBHOOK_REFUSED:
		call_refuse(r, c, 500, "the database refuses this event");
		return;
	case WEBHOOK_SAVED:
		break;
	}
	drop_body(r, c);
	c->status = 200;
	c->why = "";
	c->type = "application/json";
	buf_puts(&c->answer, "{\"event\":");
	json_uint(&c->answer, (uint64_t)e->event);
	if (*e->job != '\0')
		json_member_plain(&c->answer, "job", e->job);
	json_key(&c->answer, "repeat");
	buf_puts(&c->answer, e->is_repeat ? "true}\n" : "false}\n");
}

void
call_free(struct receiver *r, struct call *c)
{
	drop_body(r, c);
	free(c->source);
	buf_free(&c->content_type);
	buf_free(&c->headers);
	buf_free(&c->answer);
}
