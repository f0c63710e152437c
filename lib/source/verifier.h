/*
 * verifier - whether a webhook's request comes from who has the secret
 *
 * A source names one of a table of verifiers (pl-webhook(1)). A signature
 * covers the body's bytes as they were received. A request with two headers of
 * the name that counts is refused, because one of them may be forged. Secrets
 * are compared in constant time. Pure.
 */
#ifndef VERIFIER_H
#define VERIFIER_H

#include <stddef.h>
#include <stdint.h>

struct buf;

enum {
	VERIFIER_NAME_MAX = 64, /* bytes of a header's name, and of a prefix */
	VERIFIER_SECRETS = 2,	/* the old and the new one, during rotation */
	VERIFIER_SKEW = 300	/* seconds that a timestamp may be off */
};

/* Strings are borrowed, and end with a NUL. */
struct verifier_header {
	const char *name, *value;
};

struct verifier_request {
	const struct verifier_header *headers;
	size_t n_headers;
	const void *body;
	size_t body_len;
	int64_t now; /* Unix seconds */
};

struct verifier_kind;
struct verifier {
	const struct verifier_kind *kind;
	char header[VERIFIER_NAME_MAX + 1];
	char prefix[VERIFIER_NAME_MAX + 1];
};

enum verifier_answer {
	VERIFIER_GOOD,
	VERIFIER_REFUSED,
	VERIFIER_BAD_SECRET /* no secret, or one that this verifier cannot use
			     */
};

/*
 * Parse the setting of a source, such as "firecrawl" or "token:X-Token". 0, or
 * -1 with *why (static).
 */
int verifier_parse(const char *setting, struct verifier *v, const char **why);
/* Whether it compares with a secret; "none" does not. */
int verifier_needs_secret(const struct verifier *v);
/*
 * Check a request against each of n secrets. *why (static) says what is wrong,
 * without any part of a secret.
 */
enum verifier_answer verifier_check(const struct verifier *v,
    const char *const *secrets, size_t n, const struct verifier_request *r,
    const char **why);
/*
 * The sender's id of the event, if the verifier has a header for it that the
 * signature covers; else NULL. Borrowed from the request.
 */
const char *verifier_delivery(
    const struct verifier *v, const struct verifier_request *r);
/* Whether the id in the body of an event of Firecrawl may be trusted. */
int verifier_signs_id(const struct verifier *v);
/*
 * Append a JSON object of the headers that a good request was checked by. A
 * token is a secret, and so is left out.
 */
void verifier_evidence(const struct verifier *v,
    const struct verifier_request *r, struct buf *json);

/* The value of the only header of this name, in any case; NULL: none, or two.
 */
const char *verifier_header(const struct verifier_request *r, const char *name);

#endif
