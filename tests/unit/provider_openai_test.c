/* provider_openai: every recorded answer, requests, waiting times */
#include "embed/provider_openai.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yyjson.h>

#include "base/buf.h"
#include "record/error_record.h"
#include "tap.h"

#ifndef DATA
#define DATA "tests/data/embeddings/"
#endif

static void
read_file(struct buf *b, const char *name)
{
	char path[256];
	FILE *file;
	size_t n;

	buf_reset(b, 1 << 20);
	buf_add(b, "", 0);
	snprintf(path, sizeof(path), "%s%s", DATA, name);
	file = fopen(path, "r");
	if (file == NULL) {
		perror(path);
		exit(1);
	}
	while ((n = fread(buf_reserve(b, 4096), 1, 4096, file)) > 0)
		b->len += n;
	b->data[b->len] = '\0';
	fclose(file);
}

/*
 * The result of every ok-* file of three texts; texts, if it has another
 * number.
 */
static const float first_row[] = {0.5253082f, -0.33817342f, -0.011934116f,
    0.3057529f, -0.5104563f, 0.29855508f, 0.14555529f, -0.38101923f};
static const float third_row[] = {-0.40944028f, 0.39649698f, -0.08713397f,
    -0.31120774f, 0.5310816f, -0.4235737f, 0.057738263f, 0.3254384f};

static size_t
json_split_of(const char *name)
{
	return strcmp(name, "ok-exponents-and-integers.json") == 0 ||
		       strcmp(name, "bad-nan-literal.json") == 0 ||
		       strcmp(name, "bad-overflow-float32.json") == 0
		   ? 1
		   : 3;
}

static void
test_ok(const char *name, const struct buf *body)
{
	struct embed_verdict why = {0};
	float *v = NULL;
	size_t width = 0, n = json_split_of(name);
	int status = provider_openai_response(
	    &(struct embed_answer){.body = body->data, .len = body->len}, n, &v,
	    &width, &why);

	tap(status == 0 && width == 8, "%s is accepted%s%s", name,
	    status ? ": " : "", why.message);
	if (status == 0 && n == 3)
		tap(memcmp(v, first_row, sizeof(first_row)) == 0 &&
			memcmp(v + 16, third_row, sizeof(third_row)) == 0,
		    "%s: the numbers, in the order of the texts", name);
	free(v);
	for (size_t wrong = n - 1; n == 3 && wrong <= n + 1; wrong += 2)
		tap(provider_openai_response(
			&(struct embed_answer){
			    .body = body->data, .len = body->len},
			wrong, &v, &width, &why) == -1,
		    "%s is refused for %zu texts", name, wrong);
}

static const struct {
	const char *name, *code;
	enum error_class class;
	int retry, split;
} bad[] = {
    {"bad-200-with-error.json", "invalid_request_error", ERROR_CONFIG, 0, 0},
    {"bad-all-zero.json", "bad_vector", ERROR_INPUT, 0, 1},
    {"bad-base64-length.json", "bad_vector", ERROR_INPUT, 0, 1},
    {"bad-count-2-of-3.json", "wrong_count", ERROR_CONFIG, 0, 0},
    {"bad-duplicate-index.json", "bad_index", ERROR_CONFIG, 0, 0},
    {"bad-index-out-of-range.json", "bad_index", ERROR_CONFIG, 0, 0},
    {"bad-mixed-dimensions.json", "mixed_dimensions", ERROR_CONFIG, 0, 0},
    {"bad-nan-literal.json", "bad_answer", ERROR_TRANSIENT, 1, 0},
    {"bad-null-values.json", "bad_vector", ERROR_INPUT, 0, 1},
    {"bad-overflow-float32.json", "bad_vector", ERROR_INPUT, 0, 1},
    {"bad-truncated-body.json", "bad_answer", ERROR_TRANSIENT, 1, 0},
};

static void
test_bad(const char *name, const struct buf *body)
{
	struct embed_verdict why = {0};
	float *v = NULL;
	size_t width = 0, i = 0;
	int status = provider_openai_response(
	    &(struct embed_answer){.body = body->data, .len = body->len},
	    json_split_of(name), &v, &width, &why);

	while (i < sizeof(bad) / sizeof(*bad) && strcmp(bad[i].name, name) != 0)
		i++;
	if (!tap(i < sizeof(bad) / sizeof(*bad), "%s is expected", name))
		return;
	tap(status == -1 && v == NULL && strcmp(why.code, bad[i].code) == 0 &&
		why.class == bad[i].class && why.retry == bad[i].retry &&
		why.split == bad[i].split,
	    "%s is refused: %s, %s, %s", name,
	    error_record_class_name(why.class), why.code, why.message);
}

/* The table of samples: class, code, retry, split, a word of the message. */
static const struct {
	const char *name, *code, *text;
	enum error_class class;
	int retry, split;
} errors[] = {
    {"err-400-gemini-batch.json", "INVALID_ARGUMENT", "at most 100",
	ERROR_INPUT, 0, 1},
    {"err-400-llamacpp-context.json", "exceed_context_size_error",
	"larger than the context", ERROR_INPUT, 0, 1},
    {"err-400-openai-300k.json", "max_tokens_per_request", "313102",
	ERROR_INPUT, 0, 1},
    {"err-400-openai-input-shape.json", "invalid_request_error", "is invalid",
	ERROR_INPUT, 0, 1},
    {"err-400-openai-too-long.json", "invalid_request_error", "9001 tokens",
	ERROR_INPUT, 0, 1},
    {"err-400-vllm-old-flat.json", "BadRequestError", "9000 tokens",
	ERROR_INPUT, 0, 1},
    {"err-400-vllm.json", "BadRequestError", "9000 tokens", ERROR_INPUT, 0, 1},
    {"err-400-voyage.json", "http_400", "more tokens", ERROR_INPUT, 0, 1},
    {"err-401-openai.json", "invalid_api_key", "check OPENAI_API_KEY",
	ERROR_CONFIG, 0, 0},
    {"err-404-azure-deployment.json", "DeploymentNotFound",
	"No such deployment", ERROR_CONFIG, 0, 0},
    {"err-404-ollama-native.json", "http_404", "'nope' not found", ERROR_CONFIG,
	0, 0},
    {"err-404-ollama.json", "not_found_error", "check --model", ERROR_CONFIG, 0,
	0},
    {"err-404-openai-model.json", "model_not_found", "does not exist",
	ERROR_CONFIG, 0, 0},
    {"err-413-tei.txt", "http_413", "length limit", ERROR_INPUT, 0, 1},
    {"err-422-fastapi-detail.json", "literal_error", "accepted values",
	ERROR_INPUT, 0, 1},
    {"err-422-tei-batch.json", "Validation", "allowed batch size 32",
	ERROR_INPUT, 0, 1},
    {"err-422-tei-native.json", "Validation", "allowed batch size 32",
	ERROR_INPUT, 0, 1},
    {"err-429-azure.json", "http_429", "Retry after 9", ERROR_THROTTLED, 1, 0},
    {"err-429-cohere.json", "http_429", "Too many calls", ERROR_THROTTLED, 1,
	0},
    {"err-429-openai-quota.json", "insufficient_quota", "top up", ERROR_QUOTA,
	0, 0},
    {"err-429-openai-rate.json", "rate_limit_exceeded", "rate limit",
	ERROR_THROTTLED, 1, 0},
    {"err-429-tei.json", "Overloaded", "overloaded", ERROR_THROTTLED, 1, 0},
    {"err-500-llamacpp-ubatch.json", "server_error", "too large to process",
	ERROR_INPUT, 0, 1},
    {"err-500-openai.json", "server_error", "had an error", ERROR_TRANSIENT, 1,
	0},
    {"err-502.html", "http_502", "502 Bad Gateway", ERROR_TRANSIENT, 1, 0},
    {"err-503-empty.txt", "http_503", "HTTP 503", ERROR_TRANSIENT, 1, 0},
    {"err-503-llamacpp-loading.json", "unavailable_error", "Loading model",
	ERROR_TRANSIENT, 1, 0},
};

static void
test_error(const char *name, const struct buf *body)
{
	struct embed_answer answer = {.status = strtol(name + 4, NULL, 10),
	    .body = body->data,
	    .len = body->len};
	struct embed_verdict why;
	size_t i = 0;

	while (i < sizeof(errors) / sizeof(*errors) &&
	       strcmp(errors[i].name, name) != 0)
		i++;
	if (!tap(i < sizeof(errors) / sizeof(*errors), "%s is expected", name))
		return;
	provider_openai_refusal(&answer, &why);
	tap(why.class == errors[i].class && why.retry == errors[i].retry &&
		why.split == errors[i].split &&
		strcmp(why.code, errors[i].code) == 0 &&
		strstr(why.message, errors[i].text) != NULL &&
		strchr(why.message, '\n') == NULL,
	    "%s: %s, %s, %s", name, error_record_class_name(why.class),
	    why.code, why.message);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every file of the folder is used; a new one without a rule fails. */
static void
test_samples(void)
{
	char *names[256];
	size_t n = 0;
	struct dirent *entry;
	struct buf body = {0};
	DIR *dir = opendir(DATA);

	if (dir == NULL) {
		tap(0, "run from the root of the tree: %s", DATA);
		return;
	}
	while ((entry = readdir(dir)) != NULL && n < 256)
		if (entry->d_name[0] != '.')
			names[n++] = strdup(entry->d_name);
	closedir(dir);
	qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++) {
		const char *dot = strrchr(names[i], '.');

		read_file(&body, names[i]);
		if (strncmp(names[i], "ok-", 3) == 0)
			test_ok(names[i], &body);
		else if (strncmp(names[i], "bad-", 4) == 0)
			test_bad(names[i], &body);
		else if (strncmp(names[i], "err-", 4) == 0 &&
			 strcmp(dot, ".headers") != 0)
			test_error(names[i], &body);
		free(names[i]);
	}
	tap(n >= 50, "%zu samples", n);
	buf_free(&body);
}

/* Answers for which there is no sample. */
static void
test_shapes(void)
{
	static const struct {
		const char *body, *code;
		size_t n;
	} cases[] = {{"", "bad_answer", 1}, {"null", "bad_answer", 1},
	    {"{}", "bad_answer", 1}, {"[]", "wrong_count", 1},
	    {"[[1]]", NULL, 1}, {"[[1],[2]]", NULL, 2},
	    {"[7]", "bad_vector", 1}, {"[{\"embedding\":[1]}]", NULL, 1},
	    {"[{\"embedding\":[[1]]}]", "bad_vector", 1},
	    {"{\"data\":[{\"index\":null,\"embedding\":[1]}]}", NULL, 1},
	    {"{\"data\":[{\"index\":-1,\"embedding\":[1]}]}", "bad_index", 1},
	    {"{\"data\":[{\"index\":0.5,\"embedding\":[1]}]}", "bad_index", 1},
	    {"{\"data\":[{\"index\":1,\"embedding\":[1]},"
	     "{\"embedding\":[2]}]}",
		"bad_index", 2},
	    {"[{\"error\":{\"code\":429,\"message\":\"slow\"}}]", "http_429",
		1},
	    {"{\"error\":{\"code\":502,\"message\":\"upstream\"}}", "http_502",
		1}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct embed_verdict why = {0};
		float *v = NULL;
		size_t width;
		int status = provider_openai_response(
		    &(struct embed_answer){
			.body = cases[i].body, .len = strlen(cases[i].body)},
		    cases[i].n, &v, &width, &why);

		tap(cases[i].code == NULL
			? status == 0
			: status == -1 && strcmp(why.code, cases[i].code) == 0,
		    "answer %s: %s", cases[i].body,
		    status ? why.message : "accepted");
		free(v);
	}
}

/* The value of a header in a recorded header block, or NULL. */
static const char *
header(const char *block, const char *name, char out[static 128])
{
	size_t n = strlen(name), len;

	for (; *block != '\0';
	     block += strcspn(block, "\n"), block += *block == '\n') {
		if (strncasecmp(block, name, n) != 0 || block[n] != ':')
			continue;
		block += n + 1 + strspn(block + n + 1, " ");
		len = strcspn(block, "\r\n");
		memcpy(out, block, len);
		out[len] = '\0';
		return out;
	}
	return NULL;
}

static void
test_waits(void)
{
	static const struct {
		const char *ms, *after;
		double expected;
	} cases[] = {{NULL, NULL, 0}, {"1200", "2", 1.2}, {NULL, "2", 2},
	    {NULL, "0.25", 0.25}, {"x", "3", 3}, {NULL, "-1", 0}, {NULL, "", 0},
	    {NULL, "1e3", 0}, {NULL, "99999999999999999999", 0},
	    {NULL, "1000000000000", 86400}, {"1000000000000000", NULL, 86400},
	    {NULL, "1795455900", 60}, {NULL, "1795455000", 0},
	    {"1795455900000", NULL, 60}, {NULL, "100000", 86400},
	    {NULL, "Mon, 23 Nov 2026 17:45:00 GMT", 60},
	    {NULL, "Mon, 23 Nov 2026 17:43:00 GMT", 0},
	    {NULL, "Tue, 24 Nov 2026 17:44:00 GMT", 86400},
	    {NULL, "Mon, 23 Nyv 2026 17:45:00 GMT", 0},
	    {NULL, "Mon, 23 Nov 2026 -1:45:00 GMT", 0},
	    {NULL, "Mon, 23 Nov 2026 17:45:00 CET", 0},
	    {NULL, "Mon, 23 Nov 2026", 0}, {NULL, "tomorrow", 0}};
	const int64_t now = 1795455840; /* Mon, 23 Nov 2026 17:44:00 GMT */
	struct buf block = {0};
	struct embed_verdict why;
	char a[128], b[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct embed_answer answer = {.status = 429,
		    .body = "",
		    .retry_after_ms = cases[i].ms,
		    .retry_after = cases[i].after,
		    .now = now};

		provider_openai_refusal(&answer, &why);
		tap(fabs(why.retry_after - cases[i].expected) < 1e-9,
		    "retry-after-ms %s, retry-after %s: %g s",
		    cases[i].ms ? cases[i].ms : "-",
		    cases[i].after ? cases[i].after : "-", why.retry_after);
	}
	for (int i = 0; i < 2; i++) {
		struct embed_answer answer = {
		    .status = 429, .body = "", .now = now};

		read_file(&block, i ? "err-429-retry-after-date.headers"
				    : "err-429-openai-rate.headers");
		answer.retry_after_ms = header(block.data, "retry-after-ms", a);
		answer.retry_after = header(block.data, "retry-after", b);
		provider_openai_refusal(&answer, &why);
		tap(fabs(why.retry_after - (i ? 60 : 1.2)) < 1e-9,
		    "recorded headers: %g s", why.retry_after);
	}
	buf_free(&block);
}

static void
test_verdicts(void)
{
	static const struct {
		long status;
		const char *body, *should_retry;
		enum error_class class;
		int retry, lasting;
	} cases[] = {{302, "", NULL, ERROR_CONFIG, 0, 1},
	    {402, "", NULL, ERROR_QUOTA, 0, 1},
	    {403, "", NULL, ERROR_CONFIG, 0, 1},
	    {408, "", NULL, ERROR_TRANSIENT, 1, 0},
	    {409, "", NULL, ERROR_TRANSIENT, 1, 0},
	    {418, "", NULL, ERROR_CONFIG, 0, 1},
	    {424, "", NULL, ERROR_TRANSIENT, 1, 0},
	    {501, "", NULL, ERROR_CONFIG, 0, 1},
	    {504, "", "false", ERROR_TRANSIENT, 0, 0},
	    {400, "", "true", ERROR_INPUT, 1, 0},
	    {429, "{\"error\":{\"type\":\"insufficient_quota\"}}", NULL,
		ERROR_QUOTA, 0, 1},
	    {400, "{\"error\":{\"param\":\"dimensions\",\"message\":\"no\"}}",
		NULL, ERROR_CONFIG, 0, 1},
	    {400, "{\"error\":{\"code\":\"model_not_found\"}}", NULL,
		ERROR_CONFIG, 0, 1},
	    {-5, "", NULL, ERROR_CONFIG, 0, 1}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct embed_answer answer = {.status = cases[i].status,
		    .body = cases[i].body,
		    .len = strlen(cases[i].body),
		    .should_retry = cases[i].should_retry};
		struct embed_verdict why;

		provider_openai_refusal(&answer, &why);
		tap(why.class == cases[i].class &&
			why.retry == cases[i].retry &&
			why.lasting == cases[i].lasting,
		    "HTTP %ld %s: %s, retry %d", cases[i].status, cases[i].body,
		    error_record_class_name(why.class), why.retry);
	}
}

static void
test_request(void)
{
	static const struct embed_text texts[] = {
	    {"first text", 10}, {"second text", 11}, {"third text", 10}};
	static const struct embed_text odd = {"a\"\\\n\xF0\x9F\x98\x80", 8};
	struct embed_settings settings = {.model = "text-embedding-3-small"};
	yyjson_doc *extra =
	    yyjson_read("{\"user\":\"u\",\"dimensions\":4}", 27, 0);
	yyjson_doc *expected, *got;
	struct buf b = {0}, sample = {0};

	read_file(&sample, "request-3.json");
	settings.encoding_format = "float";
	settings.dimensions = 8;
	provider_openai_request(&b, &settings, texts, 3);
	expected = yyjson_read(sample.data, sample.len, 0);
	got = yyjson_read(b.data, b.len, 0);
	tap(yyjson_equals(
		yyjson_doc_get_root(expected), yyjson_doc_get_root(got)),
	    "the recorded request");
	yyjson_doc_free(expected);
	yyjson_doc_free(got);

	settings = (struct embed_settings){.model = "m"};
	buf_reset(&b, 1024);
	provider_openai_request(&b, &settings, &odd, 1);
	tap(strcmp(b.data, "{\"model\":\"m\",\"input\":[\"a\\\"\\\\\\n"
			   "\xF0\x9F\x98\x80\"]}") == 0,
	    "nothing that was not asked for: %s", b.data);
	settings.body = yyjson_doc_get_root(extra);
	settings.dimensions = 8;
	buf_reset(&b, 1024);
	provider_openai_request(&b, &settings, &odd, 1);
	tap(strstr(b.data, "\"dimensions\":4") != NULL &&
		strstr(b.data, "\"dimensions\":8") == NULL &&
		strstr(b.data, "\"user\":\"u\"") != NULL,
	    "further keys win: %s", b.data);
	yyjson_doc_free(extra);
	buf_free(&b);
	buf_free(&sample);
}

int
main(void)
{
	test_samples();
	test_shapes();
	test_waits();
	test_verdicts();
	test_request();
	return tap_done();
}
