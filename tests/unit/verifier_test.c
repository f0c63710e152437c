/* verifier: settings, signatures good and bad, two secrets, evidence */
#include "source/verifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"
#include "tap.h"

enum { NOW = 1764500000 };

static const char body[] = "{\"a\":1}";
static const char secret[] = "sample-secret";
static const char standard_secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

static const struct {
	const char *setting, *header, *prefix;
} settings[] = {
    {"firecrawl", "X-Firecrawl-Signature", "sha256="},
    {"standard", "", ""},
    {"none", "", ""},
    {"hmac:X-Hub-Signature-256:sha256=", "X-Hub-Signature-256", "sha256="},
    {"hmac:X-Sign:", "X-Sign", ""},
    {"hmac:X-Sign", "X-Sign", ""},
    {"hmac:X-Sign:v0:", "X-Sign", "v0:"},
    {"token:X-Token", "X-Token", ""},
    {"", NULL, NULL},
    {"nothing", NULL, NULL},
    {"firecrawl2", NULL, NULL},
    {"hmac:", NULL, NULL},
    {"hmac::sha256=", NULL, NULL},
    {"token:", NULL, NULL},
    {"token:a:b", NULL, NULL},
    {"token:a b", NULL, NULL},
    {"token:"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	NULL, NULL},
};

static void
test_settings(void)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		struct verifier v;
		const char *why = NULL;
		int status = verifier_parse(settings[i].setting, &v, &why);

		if (settings[i].header == NULL)
			tap(status == -1 && why != NULL, "'%s' is refused",
			    settings[i].setting);
		else
			tap(status == 0 &&
				strcmp(v.header, settings[i].header) == 0 &&
				strcmp(v.prefix, settings[i].prefix) == 0,
			    "'%s'", settings[i].setting);
	}
}

/* Check one request of at most four headers, "Name", "value", ... */
static enum verifier_answer
check(const char *setting, const char *const *secrets, size_t n,
    const char *const *headers, const char **why)
{
	struct verifier_header header[4];
	struct verifier_request r = {.headers = header,
	    .body = body,
	    .body_len = strlen(body),
	    .now = NOW};
	struct verifier v;

	verifier_parse(setting, &v, why);
	for (; *headers != NULL; headers += 2) {
		header[r.n_headers].name = headers[0];
		header[r.n_headers++].value = headers[1];
	}
	return verifier_check(&v, secrets, n, &r, why);
}

static void
expect(enum verifier_answer expected, const char *setting,
    const char *const *secrets, size_t n, const char *const *headers,
    const char *name)
{
	const char *why = NULL;
	enum verifier_answer answer = check(setting, secrets, n, headers, &why);

	tap(answer == expected && (answer == VERIFIER_GOOD || why != NULL),
	    "%s: %s (%s)", setting, name, why ? why : "");
}

#define HEADERS(...) ((const char *const[]){__VA_ARGS__, NULL, NULL})

static void
test_hmac(void)
{
	const char *const own[] = {secret}, *const two[] = {"new", secret};
	const char *const wrong[] = {"other"}, *const empty[] = {""};
	static const char name[] = "x-firecrawl-signature";
	uint8_t sum[DIGEST_SHA256];
	char right[80] = "sha256=", upper[80], forged[160];

	digest_hmac(secret, strlen(secret), body, strlen(body), sum);
	digest_hex(sum, sizeof(sum), right + 7);
	snprintf(upper, sizeof(upper), "%s", right);
	for (char *p = upper + 7; *p != '\0'; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	snprintf(forged, sizeof(forged), "forged, %s", right);
	expect(
	    VERIFIER_GOOD, "firecrawl", own, 1, HEADERS(name, right), "good");
	expect(VERIFIER_GOOD, "firecrawl", own, 1, HEADERS(name, upper),
	    "upper case");
	expect(VERIFIER_GOOD, "firecrawl", two, 2, HEADERS(name, right),
	    "the second of two secrets");
	expect(VERIFIER_REFUSED, "firecrawl", wrong, 1, HEADERS(name, right),
	    "another secret");
	expect(VERIFIER_BAD_SECRET, "firecrawl", empty, 1, HEADERS(name, right),
	    "an empty secret");
	expect(VERIFIER_BAD_SECRET, "firecrawl", own, 0, HEADERS(name, right),
	    "no secret");
	expect(VERIFIER_REFUSED, "firecrawl", own, 1,
	    HEADERS(name, right, name, right), "twice");
	expect(VERIFIER_REFUSED, "firecrawl", own, 1, HEADERS("x-other", right),
	    "another header");
	expect(VERIFIER_REFUSED, "firecrawl", own, 1, HEADERS(name, forged),
	    "joined to a forged one");
	expect(VERIFIER_REFUSED, "firecrawl", own, 1, HEADERS(name, right + 7),
	    "no prefix");
	expect(
	    VERIFIER_REFUSED, "firecrawl", own, 1, HEADERS(name, ""), "empty");
	expect(VERIFIER_GOOD, "hmac:X-A:", own, 1, HEADERS("x-a", right + 7),
	    "an empty prefix");
	right[70] = '\0';
	expect(VERIFIER_REFUSED, "firecrawl", own, 1, HEADERS(name, right),
	    "short");
}

static void
sign(const char *id, const char *time, struct buf *out)
{
	struct buf text = {0};
	uint8_t key[64], sum[DIGEST_SHA256];
	const char *encoded = standard_secret + 6;
	size_t n = encode_base64_size(encoded, strlen(encoded));

	encode_base64_read(encoded, strlen(encoded), key);
	buf_printf(&text, "%s.%s.%s", id, time, body);
	digest_hmac(key, n, text.data, text.len, sum);
	buf_puts(out, "v1,");
	encode_base64(out, sum, sizeof(sum));
	buf_free(&text);
}

static void
test_standard(void)
{
	static const struct {
		const char *id, *time;
		enum verifier_answer expected;
	} cases[] = {
	    {"msg_1", "1764500000", VERIFIER_GOOD},
	    {"msg_1", "1764499700", VERIFIER_GOOD},
	    {"msg_1", "1764499699", VERIFIER_REFUSED},
	    {"msg_1", "1764500301", VERIFIER_REFUSED},
	    {"msg_1", "now", VERIFIER_REFUSED},
	    {"msg_1", "", VERIFIER_REFUSED},
	    {"", "1764500000", VERIFIER_REFUSED},
	    {"a b", "1764500000", VERIFIER_REFUSED},
	};
	const char *const own[] = {standard_secret};
	const char *const bad[] = {"whsec_%%%"};
	struct buf right = {0}, several = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf s = {0};

		sign(cases[i].id, cases[i].time, &s);
		expect(cases[i].expected, "standard", own, 1,
		    HEADERS("Webhook-Id", cases[i].id, "webhook-timestamp",
			cases[i].time, "webhook-signature", s.data),
		    cases[i].time);
		buf_free(&s);
	}
	sign("a", "1764500000", &right);
	buf_printf(&several, "v1a,xx v1, v1,AAAA v2,%s %s", right.data + 3,
	    right.data);
	expect(VERIFIER_GOOD, "standard", own, 1,
	    HEADERS("webhook-id", "a", "webhook-timestamp", "1764500000",
		"webhook-signature", several.data),
	    "several signatures");
	expect(VERIFIER_REFUSED, "standard", own, 1,
	    HEADERS("webhook-id", "b", "webhook-timestamp", "1764500000",
		"webhook-signature", right.data),
	    "another id");
	expect(VERIFIER_REFUSED, "standard", own, 1,
	    HEADERS("webhook-id", "a", "webhook-signature", right.data),
	    "no timestamp");
	expect(VERIFIER_BAD_SECRET, "standard", bad, 1,
	    HEADERS("webhook-id", "a", "webhook-timestamp", "1764500000",
		"webhook-signature", right.data),
	    "a secret that is no base64");
	buf_free(&right);
	buf_free(&several);
}

/* The example of the specification. */
static void
test_published(void)
{
	static const char message[] = "{\"test\": 2432232314}";
	const char *const own[] = {standard_secret};
	struct verifier_header header[] = {
	    {"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
	    {"webhook-timestamp", "1614265330"},
	    {"webhook-signature",
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
	struct verifier_request r = {
	    header, 3, message, strlen(message), 1614265330};
	struct verifier v;
	const char *why = NULL;

	verifier_parse("standard", &v, &why);
	tap(verifier_check(&v, own, 1, &r, &why) == VERIFIER_GOOD,
	    "standard: the published example");
	tap(strcmp(verifier_delivery(&v, &r), "msg_p5jXN8AQM9LWM0D4loKWxJek") ==
		0,
	    "standard: its id");
}

static void
test_token(void)
{
	const char *const own[] = {secret};

	expect(VERIFIER_GOOD, "token:X-Token", own, 1,
	    HEADERS("x-token", secret), "good");
	expect(VERIFIER_REFUSED, "token:X-Token", own, 1,
	    HEADERS("x-token", "sample-secreT"), "wrong");
	expect(VERIFIER_REFUSED, "token:X-Token", own, 1,
	    HEADERS("x-token", "sample-secret2"), "longer");
	expect(VERIFIER_REFUSED, "token:X-Token", own, 1,
	    HEADERS("x-token", ""), "empty");
	expect(VERIFIER_REFUSED, "token:X-Token", own, 1,
	    HEADERS("x-token", secret, "X-Token", secret), "twice");
	expect(VERIFIER_GOOD, "none", NULL, 0, HEADERS("a", "b"), "anything");
}

static void
test_evidence(void)
{
	static const char *const expected[][2] = {
	    {"firecrawl", "{\"X-Firecrawl-Signature\":\"a\\\"b\"}"},
	    {"standard", "{\"webhook-id\":\"1\"}"}, {"none", "{}"},
	    {"token:X-Firecrawl-Signature", "{}"}};
	struct verifier_header header[] = {
	    {"webhook-id", "1"}, {"x-firecrawl-signature", "a\"b"}};
	struct verifier_request r = {header, 2, body, strlen(body), NOW};

	for (size_t i = 0; i < 4; i++) {
		struct buf json = {0};
		struct verifier v;
		const char *why;

		verifier_parse(expected[i][0], &v, &why);
		verifier_evidence(&v, &r, &json);
		tap(strcmp(json.data, expected[i][1]) == 0, "evidence: %s: %s",
		    expected[i][0], json.data);
		buf_free(&json);
	}
}

int
main(void)
{
	test_settings();
	test_hmac();
	test_standard();
	test_published();
	test_token();
	test_evidence();
	return tap_done();
}
