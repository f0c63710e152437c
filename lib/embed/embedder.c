#include "embed/embedder.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/backoff.h"
#include "base/buf.h"
#include "base/time.h"
#include "embed/provider.h"
#include "embed/provider_hash.h"
#include "embed/providers.h"
#include "embed/vector.h"
#include "net/http.h"
#include "record/error_record.h"
#include "record/waiting_record.h"
#include "text/mask.h"

enum {
	TIMEOUT = 60000, /* ms */
	MAX_WAIT = 30000,
	HOLD = 10,	    /* seconds; see struct embedder */
	THROTTLED_WAIT = 30 /* seconds, when a server names none */
};

/* Between two tries, unless the server names a time. */
static const struct backoff try_backoff = {0.5, 8, 0.25};

struct embedder {
	const struct embed_provider *provider;
	struct embedder_options options;
	struct embed_settings settings;
	char model[PROVIDER_HASH_NAME]; /* of a provider that names it */
	size_t width;
	void *local;
	struct http *http;
	char *url, *shown_url; /* shown_url has no secrets */
	char **headers;
	size_t header_count;
	/* Key and parts of the URL, to be hidden in answers; NULL ends them. */
	char *secrets[3];
	struct buf body;
	/*
	 * After all tries for a batch failed, the next batches get one try each
	 * until an answer comes. So an outage costs the waits only once.
	 */
	int down;
	/*
	 * After a wrong key or an empty account no request is sent for HOLD
	 * seconds: every text fails at once with this verdict.
	 */
	struct embed_verdict held;
	double held_until;
	/* Of the current run. */
	float *vectors;
	size_t vector_room; /* floats */
	struct embed_verdict *verdicts;
	size_t verdict_room;
	struct embedder_result *results;
	const struct embed_text *texts;
	size_t total;
	double next_waiting; /* time of the next call of waiting */
};

__attribute__((format(printf, 2, 3))) static void
note(struct embedder *e, const char *fmt, ...)
{
	char line[768];
	va_list args;

	if (e->options.note == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	e->options.note(e->options.note_argument, line);
}

/* Opening. */

/* base with path appended, before the query if base has one. */
static char *
join_url(const char *base, const char *path)
{
	struct buf b = {0};
	size_t n = strcspn(base, "?#");
	const char *query = base[n] == '?' ? base + n : "";

	while (n > 0 && base[n - 1] == '/')
		n--;
	buf_add(&b, base, n);
	buf_puts(&b, path);
	buf_puts(&b, query);
	return b.data;
}

/* The URL as messages may show it: without user, password and query. */
static char *
shown(const char *url)
{
	struct buf b = {0};
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, "/?#");

	buf_add(&b, url, (size_t)(host - url));
	for (size_t i = n; i > 0; i--)
		if (host[i - 1] == '@') {
			host += i;
			break;
		}
	buf_add(&b, host, strcspn(host, "?#"));
	return b.data;
}

/* Keep what no message may show: the key, and what the URL has of secrets. */
static void
keep_secrets(struct embedder *e)
{
	const char *host = strstr(e->url, "://") + 3;
	size_t n = strcspn(host, "/?#"), kept = 0;

	if (e->options.key != NULL)
		e->secrets[kept++] = x_strdup(e->options.key);
	while (n > 0 && host[n - 1] != '@')
		n--;
	/* One text: all but the user, the host and the path. */
	if (n > 0 || host[strcspn(host, "?")] != '\0') {
		struct buf b = {0};

		buf_add(&b, host, n > 0 ? n - 1 : 0);
		buf_puts(&b, "\n");
		buf_puts(&b, host + strcspn(host, "?"));
		e->secrets[kept] = b.data;
	}
}

/* Add the header that starts with the given text, unless value is NULL. */
static void
add_header(struct embedder *e, const char *start, const char *value)
{
	struct buf b = {0};

	if (value == NULL)
		return;
	buf_printf(&b, "%s %s", start, value);
	e->headers[e->header_count++] = b.data;
}

static int
is_one_line(const char *s)
{
	return s == NULL || s[strcspn(s, "\r\n")] == '\0';
}

static const char *
open_remote(struct embedder *e)
{
	const struct embedder_options *o = &e->options;
	const char *base = o->base_url ? o->base_url : e->provider->base_url;

	if (strncmp(base, "http://", 7) != 0 &&
	    strncmp(base, "https://", 8) != 0)
		return "OPENAI_BASE_URL is not an http:// or https:// URL";
	if (o->key == NULL && o->base_url == NULL)
		return "no key: set OPENAI_API_KEY, or OPENAI_BASE_URL for a "
		       "server that needs none";
	if (!is_one_line(o->key) || !is_one_line(o->organization) ||
	    !is_one_line(o->project) || !is_one_line(base))
		return "OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_ORG_ID or "
		       "OPENAI_PROJECT_ID holds a line break";
	if (e->settings.model == NULL)
		e->settings.model = e->provider->model;
	e->settings.dimensions = o->dimensions;
	e->settings.encoding_format = o->encoding_format;
	e->settings.body = o->body;
	e->width = o->dimensions;
	e->url = join_url(base, e->provider->path);
	e->shown_url = shown(e->url);
	keep_secrets(e);
	e->headers = x_calloc(o->header_count + 4, sizeof(*e->headers));
	add_header(e, "Content-Type:", "application/json");
	if (o->key != NULL)
		add_header(e, "Authorization: Bearer", o->key);
	add_header(e, "OpenAI-Organization:", o->organization);
	add_header(e, "OpenAI-Project:", o->project);
	for (size_t i = 0; i < o->header_count; i++)
		e->headers[e->header_count + i] = x_strdup(o->headers[i]);
	e->header_count += o->header_count;
	e->http = http_new();
	return e->http != NULL ? NULL : "libcurl does not start";
}

static const char *
open_local(struct embedder *e)
{
	const struct embedder_options *o = &e->options;
	size_t width = o->dimensions;

	if (o->model != NULL) {
		width = provider_hash_width(o->model);
		if (width == 0)
			return "the provider 'hash' has models named "
			       "hash-512-v1 and the like";
		if (o->dimensions > 0 && o->dimensions != width)
			return "the model's name and the dimensions differ";
	}
	if (width == 0)
		width = PROVIDER_HASH_DIMENSIONS;
	if (width < PROVIDER_HASH_MIN || width > VECTOR_MAX)
		return "the provider 'hash' has 16 to 16000 dimensions";
	provider_hash_name(width, e->model);
	e->settings.model = e->model;
	e->width = width;
	e->local = e->provider->open(width);
	return NULL;
}

struct embedder *
embedder_open(const struct embedder_options *options, const char **why)
{
	const struct embed_provider *provider =
	    providers_find(options->provider ? options->provider : "hash");
	struct embedder *e;

	if (provider == NULL) {
		*why = "no such provider: there are 'hash' and 'openai'";
		return NULL;
	}
	e = x_calloc(1, sizeof(*e));
	e->provider = provider;
	e->options = *options;
	if (e->options.timeout == 0)
		e->options.timeout = TIMEOUT;
	if (e->options.max_wait == 0)
		e->options.max_wait = MAX_WAIT;
	e->settings.model = options->model;
	*why = provider->open ? open_local(e) : open_remote(e);
	if (*why == NULL)
		return e;
	embedder_close(e);
	return NULL;
}

void
embedder_close(struct embedder *e)
{
	if (e == NULL)
		return;
	if (e->local != NULL)
		e->provider->close(e->local);
	http_free(e->http);
	for (size_t i = 0; i < e->header_count; i++)
		free(e->headers[i]);
	free(e->headers);
	free(e->url);
	free(e->shown_url);
	for (size_t i = 0; i < sizeof(e->secrets) / sizeof(*e->secrets); i++)
		free(e->secrets[i]);
	free(e->vectors);
	free(e->verdicts);
	buf_free(&e->body);
	free(e);
}

int
embedder_is_local(const struct embedder *e)
{
	return e->local != NULL;
}

const char *
embedder_model(const struct embedder *e)
{
	return e->settings.model;
}

size_t
embedder_width(const struct embedder *e)
{
	return e->width;
}

/* Asking. */

static const char *const *
hidden(const struct embedder *e)
{
	return (const char *const *)e->secrets;
}

/* Add the request's URL to a message. */
static void
name_server(const struct embedder *e, struct embed_verdict *why)
{
	size_t n = strlen(why->message);

	snprintf(
	    why->message + n, sizeof(why->message) - n, " (%s)", e->shown_url);
}

static void
judge_transport(
    struct embedder *e, enum http_status status, struct embed_verdict *why)
{
	*why = (struct embed_verdict){.class = ERROR_TRANSIENT, .retry = 1};
	if (status == HTTP_CONFIG)
		*why = (struct embed_verdict){.class = ERROR_CONFIG};
	snprintf(why->code, sizeof(why->code), "%s",
	    status == HTTP_CONFIG ? "no_request" : "no_answer");
	snprintf(why->message, sizeof(why->message), "%s%s",
	    http_error(e->http),
	    status == HTTP_CONFIG ? "" : ": is the server up?");
}

static void
judge_answer(struct embedder *e, const struct http_answer *answer,
    struct embed_verdict *why)
{
	char ms[32], after[64], should[16];
	struct embed_answer a = {.status = answer->status,
	    .body = answer->body,
	    .len = answer->len,
	    .now = time_unix(),
	    .secrets = hidden(e)};

	a.retry_after_ms =
	    http_header(e->http, "retry-after-ms", ms, sizeof(ms));
	a.retry_after =
	    http_header(e->http, "retry-after", after, sizeof(after));
	a.should_retry =
	    http_header(e->http, "x-should-retry", should, sizeof(should));
	e->provider->refusal(&a, why);
}

static void
note_answer(struct embedder *e, size_t n, long status, double started)
{
	char id[128];
	int named =
	    http_header(e->http, "x-request-id", id, sizeof(id)) != NULL;

	if (named)
		mask_text(id, sizeof(id), hidden(e));
	note(e, "%zu texts: HTTP %ld after %.0f ms%s%s", n, status,
	    (time_now() - started) * 1000, named ? ", request " : "",
	    named ? id : "");
}

/* Whether the width is the run's; the first answer decides it. */
static int
check_width(struct embedder *e, size_t width, struct embed_verdict *why)
{
	if (e->width == 0)
		e->width = width;
	if (e->width == width)
		return 0;
	*why = (struct embed_verdict){.class = ERROR_CONFIG};
	snprintf(why->code, sizeof(why->code), "mixed_dimensions");
	snprintf(why->message, sizeof(why->message),
	    "the server answered %zu dimensions, %s %zu: check --model and "
	    "--dimensions",
	    width, e->options.dimensions ? "asked for" : "before", e->width);
	return -1;
}

/* Call the waiting function at intervals during a wait. */
static void
on_wait(void *argument)
{
	struct embedder *e = argument;

	if (e->options.waiting == NULL || time_now() < e->next_waiting)
		return;
	e->options.waiting(e->options.waiting_argument);
	e->next_waiting = time_now() + WAITING_RECORD_EVERY;
}

/* Before the next try. */
static void
wait_for(struct embedder *e, double seconds)
{
	double until = time_now() + seconds;

	while (seconds > 0) {
		time_sleep(fmin(seconds, 1));
		on_wait(e);
		seconds = until - time_now();
	}
}

/* One request for texts[first .. first + n). 0, or -1 with *why. */
static int
request(struct embedder *e, size_t first, size_t n, struct embed_verdict *why)
{
	struct http_request r = {.url = e->url,
	    .headers = (const char *const *)e->headers,
	    .header_count = e->header_count,
	    .body = e->body.data,
	    .len = e->body.len,
	    .timeout = e->options.timeout,
	    .tick = on_wait,
	    .tick_argument = e};
	struct http_answer answer;
	struct embed_answer good;
	double started = time_now();
	enum http_status status = http_run(e->http, &r, &answer);
	float *vectors;
	size_t width;

	if (status != HTTP_ANSWERED) {
		judge_transport(e, status, why);
		return -1;
	}
	note_answer(e, n, answer.status, started);
	if (answer.status != 200) {
		judge_answer(e, &answer, why);
		return -1;
	}
	good = (struct embed_answer){
	    .body = answer.body, .len = answer.len, .secrets = hidden(e)};
	if (e->provider->response(&good, n, &vectors, &width, why) == -1)
		return -1;
	if (check_width(e, width, why) == -1) {
		free(vectors);
		return -1;
	}
	if (e->vector_room < e->total * width) {
		/* Only in the first run: no result points into it yet. */
		e->vector_room = e->total * width;
		e->vectors =
		    x_realloc(e->vectors, e->vector_room, sizeof(float));
	}
	memcpy(e->vectors + first * width, vectors, n * width * sizeof(float));
	free(vectors);
	return 0;
}

static int
request_with_retries(
    struct embedder *e, size_t first, size_t n, struct embed_verdict *why)
{
	int retries = e->down ? 0 : e->options.retries;

	for (int failures = 1;; failures++) {
		double wait;

		if (request(e, first, n, why) == 0)
			return 0;
		mask_text(why->message, sizeof(why->message), hidden(e));
		if (!why->retry || failures > retries)
			return -1;
		/* A millisecond more, as a server may round down. */
		wait = why->retry_after > 0
			   ? why->retry_after + 0.001
			   : backoff_wait(&try_backoff, failures);
		if (wait * 1000 > (double)e->options.max_wait)
			return -1;
		note(e, "%s; trying again in %.0f ms", why->message,
		    wait * 1000);
		wait_for(e, wait);
	}
}

static void
fail(
    struct embedder *e, size_t first, size_t n, const struct embed_verdict *why)
{
	for (size_t i = first; i < first + n; i++) {
		e->verdicts[i] = *why;
		e->results[i] =
		    (struct embedder_result){.why = &e->verdicts[i]};
	}
}

/* All tries failed for a batch, and halving cannot help. */
static void
give_up(struct embedder *e, size_t first, size_t n, struct embed_verdict *why)
{
	if (why->class == ERROR_THROTTLED && why->retry_after == 0)
		why->retry_after = THROTTLED_WAIT;
	e->down =
	    why->class == ERROR_TRANSIENT || why->class == ERROR_THROTTLED;
	name_server(e, why);
	if (why->lasting) {
		e->held = *why;
		e->held_until = time_now() + HOLD;
	}
	fail(e, first, n, why);
}

static void
ask(struct embedder *e, size_t first, size_t n)
{
	struct embed_verdict why;

	if (time_now() < e->held_until) {
		fail(e, first, n, &e->held);
		return;
	}
	buf_reset(&e->body, 4 << 20);
	e->provider->request(&e->body, &e->settings, e->texts + first, n);
	if (request_with_retries(e, first, n, &why) == 0) {
		e->down = 0;
		for (size_t i = first; i < first + n; i++)
			e->results[i] = (struct embedder_result){
			    .vector = e->vectors + i * e->width};
	} else if (why.split && n > 1) {
		note(e, "%s; halving the batch of %zu", why.message, n);
		ask(e, first, n / 2);
		ask(e, first + n / 2, n - n / 2);
	} else {
		give_up(e, first, n, &why);
	}
}

static void
run_local(struct embedder *e)
{
	for (size_t i = 0; i < e->total; i++) {
		float *out = e->vectors + i * e->width;

		e->provider->run(e->local, e->texts[i].s, e->texts[i].n, out);
		e->results[i] = (struct embedder_result){.vector = out};
	}
}

size_t
embedder_run(struct embedder *e, const struct embed_text *texts, size_t n,
    struct embedder_result *results)
{
	size_t refused = 0;

	if (e->vector_room < n * e->width) {
		e->vector_room = n * e->width;
		e->vectors =
		    x_realloc(e->vectors, e->vector_room, sizeof(float));
	}
	if (e->verdict_room < n && e->local == NULL) {
		e->verdict_room = n;
		e->verdicts = x_realloc(e->verdicts, n, sizeof(*e->verdicts));
	}
	e->texts = texts;
	e->results = results;
	e->total = n;
	e->next_waiting = time_now() + WAITING_RECORD_EVERY;
	if (e->local != NULL)
		run_local(e);
	else
		ask(e, 0, n);
	for (size_t i = 0; i < n; i++)
		refused += results[i].vector == NULL;
	return refused;
}
