#include "source/verifier.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/num.h"
#include "record/json_write.h"

enum { HEX = 2 * DIGEST_SHA256, KEY_MAX = 256, ID_MAX = 1024 };

static const char standard_id[] = "webhook-id";
static const char standard_time[] = "webhook-timestamp";
static const char standard_signature[] = "webhook-signature";
static const char why_signature[] = "the signature does not match";
static const char why_form[] = "the signature has another form";
static const char why_header[] = "a header of the signature is missing, or is "
				 "there twice";

typedef enum verifier_answer check_with(const struct verifier *v,
    const char *secret, const struct verifier_request *r, const char **why);

struct verifier_kind {
	const char *name;  /* with a colon: arguments follow */
	int is_prefixed;   /* the second argument is a prefix */
	check_with *check; /* NULL: every request is good */
	/* Headers to keep; the header of the setting too, if it is no secret.
	 */
	const char *evidence[3];
	int keeps_header;
	int signs_id;		     /* the body of the sender has its id */
	const char *delivery;	     /* header with the sender's id */
	const char *header, *prefix; /* for a kind without arguments */
};

static size_t
count_headers(
    const struct verifier_request *r, const char *name, const char **value)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_headers; i++)
		if (strcasecmp(r->headers[i].name, name) == 0) {
			*value = r->headers[i].value;
			n++;
		}
	return n;
}

const char *
verifier_header(const struct verifier_request *r, const char *name)
{
	const char *value = NULL;

	return count_headers(r, name, &value) == 1 ? value : NULL;
}

static enum verifier_answer
refuse(const char **why, const char *reason)
{
	*why = reason;
	return VERIFIER_REFUSED;
}

/* HMAC-SHA-256 of the body, in hex digits behind the prefix. */
static enum verifier_answer
check_hmac(const struct verifier *v, const char *secret,
    const struct verifier_request *r, const char **why)
{
	const char *value = verifier_header(r, v->header);
	uint8_t given[DIGEST_SHA256], right[DIGEST_SHA256];
	size_t skip = strlen(v->prefix);

	if (value == NULL)
		return refuse(why, why_header);
	if (strncmp(value, v->prefix, skip) != 0 ||
	    strlen(value + skip) != HEX ||
	    digest_hex_read(value + skip, DIGEST_SHA256, given) == -1)
		return refuse(why, why_form);
	digest_hmac(secret, strlen(secret), r->body, r->body_len, right);
	return digest_equal(given, right, sizeof(right))
		   ? VERIFIER_GOOD
		   : refuse(why, why_signature);
}

/* Hashes are compared, so that the length does not show, either. */
static enum verifier_answer
check_token(const struct verifier *v, const char *secret,
    const struct verifier_request *r, const char **why)
{
	const char *value = verifier_header(r, v->header);
	uint8_t given[DIGEST_SHA256], right[DIGEST_SHA256];

	if (value == NULL)
		return refuse(why, "the token is missing, or is there twice");
	digest_hmac(v->header, strlen(v->header), value, strlen(value), given);
	digest_hmac(
	    v->header, strlen(v->header), secret, strlen(secret), right);
	return digest_equal(given, right, sizeof(right))
		   ? VERIFIER_GOOD
		   : refuse(why, "the token does not match");
}

/* The key: base64 behind whsec_. Its length, or 0: it is not one. */
static size_t
standard_key(const char *secret, uint8_t key[static KEY_MAX])
{
	static const char prefix[] = "whsec_";
	size_t n, size;

	if (strncmp(secret, prefix, sizeof(prefix) - 1) == 0)
		secret += sizeof(prefix) - 1;
	n = strlen(secret);
	size = encode_base64_size(secret, n);
	if (size > KEY_MAX || encode_base64_read(secret, n, key) == -1)
		return 0;
	return size;
}

/* Whether one of the signatures "v1,BASE64", between spaces, is the right one.
 */
static int
has_signature(const char *list, const uint8_t right[static DIGEST_SHA256])
{
	static const char version[] = "v1,";
	uint8_t given[DIGEST_SHA256 + 2];
	int found = 0;

	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n > 3 && strncmp(list, version, 3) == 0 &&
		    encode_base64_size(list + 3, n - 3) == DIGEST_SHA256 &&
		    encode_base64_read(list + 3, n - 3, given) == 0)
			found |= digest_equal(given, right, DIGEST_SHA256);
		list += n + (list[n] == ' ');
	}
	return found;
}

static int
is_plain(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return 0;
	return n > 0 && n <= ID_MAX;
}

/* Standard Webhooks: HMAC-SHA-256 of "ID.TIMESTAMP.BODY". */
static enum verifier_answer
check_standard(const struct verifier *v, const char *secret,
    const struct verifier_request *r, const char **why)
{
	const char *id = verifier_header(r, standard_id);
	const char *time = verifier_header(r, standard_time);
	const char *list = verifier_header(r, standard_signature);
	uint8_t key[KEY_MAX], right[DIGEST_SHA256];
	struct buf head = {0};
	size_t n = standard_key(secret, key);
	int64_t at;

	(void)v;
	if (n == 0) {
		*why = "the secret is not whsec_ and base64";
		return VERIFIER_BAD_SECRET;
	}
	if (id == NULL || time == NULL || list == NULL)
		return refuse(why, why_header);
	if (!is_plain(id) || num_int(time, 0, INT64_MAX / 2, &at) == -1)
		return refuse(why, why_form);
	if (at < r->now - VERIFIER_SKEW || at > r->now + VERIFIER_SKEW)
		return refuse(why, "the timestamp is more than five minutes "
				   "off: a replay, or a wrong clock");
	buf_printf(&head, "%s.%s.", id, time);
	digest_hmac_two(
	    key, n, head.data, head.len, r->body, r->body_len, right);
	buf_free(&head);
	return has_signature(list, right) ? VERIFIER_GOOD
					  : refuse(why, why_signature);
}

static const struct verifier_kind kinds[] = {
    {.name = "firecrawl",
	.check = check_hmac,
	.keeps_header = 1,
	.signs_id = 1,
	.header = "X-Firecrawl-Signature",
	.prefix = "sha256="},
    {.name = "standard",
	.check = check_standard,
	.evidence = {standard_id, standard_time, standard_signature},
	.delivery = standard_id},
    {.name = "hmac:", .is_prefixed = 1, .check = check_hmac, .keeps_header = 1},
    {.name = "token:", .check = check_token},
    {.name = "none"},
};

/* Copy n bytes of printable ASCII from lo on. 0 or -1. */
static int
copy_word(char *to, const char *s, size_t n, int lo)
{
	if (n > VERIFIER_NAME_MAX)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (s[i] < lo || s[i] > '~')
			return -1;
	memcpy(to, s, n);
	to[n] = '\0';
	return 0;
}

static int
parse_arguments(const char *s, struct verifier *v, const char **why)
{
	size_t n = strcspn(s, ":");
	const char *prefix = s[n] == ':' ? s + n + 1 : "";

	*why = "a header's name, and for hmac a prefix, must follow";
	if (n == 0 || copy_word(v->header, s, n, '!') == -1)
		return -1;
	if (s[n] == ':' && !v->kind->is_prefixed)
		return -1;
	return copy_word(v->prefix, prefix, strlen(prefix), ' ');
}

int
verifier_parse(const char *setting, struct verifier *v, const char **why)
{
	*v = (struct verifier){0};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct verifier_kind *k = &kinds[i];
		size_t n = strlen(k->name);
		int has_arguments = k->name[n - 1] == ':';

		if (strncmp(setting, k->name, n) != 0 ||
		    (!has_arguments && setting[n] != '\0'))
			continue;
		v->kind = k;
		if (has_arguments)
			return parse_arguments(setting + n, v, why);
		if (k->header != NULL) {
			copy_word(v->header, k->header, strlen(k->header), '!');
			copy_word(v->prefix, k->prefix, strlen(k->prefix), ' ');
		}
		return 0;
	}
	*why = "expected firecrawl, standard, hmac:HEADER:PREFIX, token:HEADER "
	       "or none";
	return -1;
}

int
verifier_needs_secret(const struct verifier *v)
{
	return v->kind->check != NULL;
}

/* All secrets are tried, so that the time does not tell which one was right. */
enum verifier_answer
verifier_check(const struct verifier *v, const char *const *secrets, size_t n,
    const struct verifier_request *r, const char **why)
{
	const char *bad = n == 0 ? "there is no secret" : NULL, *refused = NULL;
	int good = 0;

	if (!verifier_needs_secret(v))
		return VERIFIER_GOOD;
	for (size_t i = 0; i < n; i++) {
		if (*secrets[i] == '\0') {
			bad = "a secret is empty";
			continue;
		}
		switch (v->kind->check(v, secrets[i], r, why)) {
		case VERIFIER_GOOD:
			good = 1;
			break;
		case VERIFIER_REFUSED:
			refused = *why;
			break;
		case VERIFIER_BAD_SECRET:
			bad = *why;
			break;
		}
	}
	if (good)
		return VERIFIER_GOOD;
	*why = bad ? bad : refused;
	return bad ? VERIFIER_BAD_SECRET : VERIFIER_REFUSED;
}

const char *
verifier_delivery(const struct verifier *v, const struct verifier_request *r)
{
	return v->kind->delivery ? verifier_header(r, v->kind->delivery) : NULL;
}

int
verifier_signs_id(const struct verifier *v)
{
	return v->kind->signs_id;
}

static void
add_evidence(
    const struct verifier_request *r, const char *name, struct buf *json)
{
	const char *value = verifier_header(r, name);

	if (value == NULL)
		return;
	if (json->data[json->len - 1] != '{')
		buf_putc(json, ',');
	json_string(json, name, strlen(name));
	buf_putc(json, ':');
	json_string(json, value, strlen(value));
}

void
verifier_evidence(const struct verifier *v, const struct verifier_request *r,
    struct buf *json)
{
	buf_putc(json, '{');
	for (size_t i = 0; i < 3 && v->kind->evidence[i] != NULL; i++)
		add_evidence(r, v->kind->evidence[i], json);
	if (v->kind->keeps_header)
		add_evidence(r, v->header, json);
	buf_putc(json, '}');
}
