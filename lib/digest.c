#include "digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "xalloc.h"

struct digest {
	EVP_MD_CTX *context;
	EVP_MD_CTX *sha1;
};

const uint8_t digest_namespace[DIGEST_UUID] = {0xf7, 0x54, 0xdd, 0x69, 0x4a,
    0x6e, 0x47, 0x66, 0x9d, 0x58, 0x58, 0x3c, 0x48, 0xbf, 0x97, 0x92};

/* libcrypto fails here only without memory, or without its own providers. */
static void
must(int ok)
{
	if (!ok)
		abort();
}

struct digest *
digest_new(void)
{
	struct digest *d = x_calloc(1, sizeof(*d));

	d->context = EVP_MD_CTX_new();
	must(d->context != NULL);
	must(EVP_DigestInit_ex(d->context, EVP_sha256(), NULL));
	d->sha1 = EVP_MD_CTX_new();
	must(d->sha1 != NULL);
	must(EVP_DigestInit_ex(d->sha1, EVP_sha1(), NULL));
	return d;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->context);
	EVP_MD_CTX_free(d->sha1);
	free(d);
}

void
digest_start(struct digest *d)
{
	/* A NULL type keeps the algorithm that was fetched once. */
	must(EVP_DigestInit_ex(d->context, NULL, NULL));
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	must(EVP_DigestUpdate(d->context, p, n));
}

void
digest_finish(struct digest *d, char hex[static DIGEST_HEX])
{
	uint8_t out[DIGEST_SHA256];

	must(EVP_DigestFinal_ex(d->context, out, NULL));
	digest_hex(out, sizeof(out), hex);
}

void
digest_sha256(const void *p, size_t n, uint8_t out[static DIGEST_SHA256])
{
	must(EVP_Digest(p, n, out, NULL, EVP_sha256(), NULL));
}

void
digest_hmac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[static DIGEST_SHA256])
{
	must(HMAC(EVP_sha256(), key, (int)key_len, p, n, out, NULL) != NULL);
}

void
digest_hex(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

/* Set the version and the variant bits of RFC 9562. */
static void
stamp_version(uint8_t id[static DIGEST_UUID], unsigned version)
{
	id[6] = (uint8_t)((id[6] & 0x0F) | version << 4);
	id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
}

/* The name-based id by a context that was initialised for SHA-1. */
static void
name_id(EVP_MD_CTX *context, const uint8_t namespace[static DIGEST_UUID],
    const void *name, size_t n, uint8_t out[static DIGEST_UUID])
{
	uint8_t hash[EVP_MAX_MD_SIZE];

	must(EVP_DigestUpdate(context, namespace, DIGEST_UUID));
	must(EVP_DigestUpdate(context, name, n));
	must(EVP_DigestFinal_ex(context, hash, NULL));
	memcpy(out, hash, DIGEST_UUID);
	stamp_version(out, 5);
}

void
digest_uuid5(const uint8_t namespace[static DIGEST_UUID], const void *name,
    size_t n, uint8_t out[static DIGEST_UUID])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	must(context != NULL);
	must(EVP_DigestInit_ex(context, EVP_sha1(), NULL));
	name_id(context, namespace, name, n, out);
	EVP_MD_CTX_free(context);
}

void
digest_name(struct digest *d, const uint8_t namespace[static DIGEST_UUID],
    const void *name, size_t n, uint8_t out[static DIGEST_UUID])
{
	must(EVP_DigestInit_ex(d->sha1, NULL, NULL));
	name_id(d->sha1, namespace, name, n, out);
}

void
digest_uuid7(uint8_t out[static DIGEST_UUID])
{
	struct timespec now;
	uint64_t ms;

	must(RAND_bytes(out, DIGEST_UUID));
	clock_gettime(CLOCK_REALTIME, &now);
	ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)(ms >> 8 * (5 - i));
	stamp_version(out, 7);
}

void
digest_uuid_text(
    const uint8_t id[static DIGEST_UUID], char out[static DIGEST_UUID_TEXT])
{
	char hex[2 * DIGEST_UUID + 1];
	char *to = out;

	digest_hex(id, DIGEST_UUID, hex);
	for (int i = 0; i < 2 * DIGEST_UUID; i++) {
		if (i == 8 || i == 12 || i == 16 || i == 20)
			*to++ = '-';
		*to++ = hex[i];
	}
	*to = '\0';
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
digest_uuid_parse(const char *s, size_t n, uint8_t out[static DIGEST_UUID])
{
	int digits = 0;

	if (n != DIGEST_UUID_TEXT - 1)
		return -1;
	memset(out, 0, DIGEST_UUID);
	for (size_t i = 0; i < n; i++) {
		int v;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (s[i] != '-')
				return -1;
			continue;
		}
		v = hex_value(s[i]);
		if (v == -1)
			return -1;
		out[digits / 2] = (uint8_t)(out[digits / 2] << 4 | v);
		digits++;
	}
	return 0;
}
