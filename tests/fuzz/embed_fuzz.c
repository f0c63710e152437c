/*
 * embed: any answer of a server gives valid vectors or a printable verdict; any
 * text has a unit vector.
 */
#include "embed/provider_openai.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "embed/provider_hash.h"
#include "embed/vector.h"
#include "record/error_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
check_verdict(const struct embed_verdict *why)
{
	size_t n = strlen(why->message);

	must(n > 0 && n < sizeof(why->message) && why->code[0] != '\0');
	must(utf8_valid(why->message, n) == n);
	must(utf8_valid(why->code, strlen(why->code)) == strlen(why->code));
	must(why->class >= ERROR_TRANSIENT && why->class <= ERROR_INTERNAL);
	must(why->retry_after >= 0 && why->retry_after < 1e12);
	for (size_t i = 0; i < n; i++)
		must((unsigned char)why->message[i] >= ' ');
}

static void
try_answer(const char *body, size_t len)
{
	for (size_t n = 1; n <= 3; n++) {
		struct embed_verdict why = {0};
		float *v = NULL;
		size_t width = 0;
		const char *reason;

		if (provider_openai_response(
			&(struct embed_answer){.body = body, .len = len}, n, &v,
			&width, &why) == -1) {
			must(v == NULL);
			check_verdict(&why);
			continue;
		}
		must(width > 0 && width <= VECTOR_MAX);
		for (size_t i = 0; i < n; i++)
			must(vector_check(v + i * width, width, &reason) == 0);
		free(v);
	}
}

static void
try_refusal(const char *body, size_t len)
{
	static const long statuses[] = {0, 302, 400, 401, 429, 500, 599, 9999};
	char header[64];
	size_t n = len < sizeof(header) - 1 ? len : sizeof(header) - 1;

	memcpy(header, body, n);
	header[n] = '\0';
	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
		struct embed_answer answer = {.status = statuses[i],
		    .body = body,
		    .len = len,
		    .retry_after = header,
		    .retry_after_ms = i & 1 ? header : NULL,
		    .should_retry = header,
		    .now = 1795455840};
		struct embed_verdict why;

		provider_openai_refusal(&answer, &why);
		check_verdict(&why);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct provider_hash *hash;
	static float v[64], w[64];
	/*
	 * A string in its own memory, so that a read behind its end is found.
	 */
	char *copy = malloc(size + 1);

	must(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	if (hash == NULL)
		hash = provider_hash_new(64);
	try_answer(copy, size);
	try_refusal(copy, size);
	provider_hash_text(hash, copy, size, v);
	provider_hash_text(hash, copy, size, w);
	must(fabs(vector_norm(v, 64) - 1) < 1e-3);
	must(memcmp(v, w, sizeof(v)) == 0);
	free(copy);
	return 0;
}
