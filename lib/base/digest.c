#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/time.h"

const uint8_t digest_namespace[DIGEST_UUID] = {0xf7, 0x54, 0xdd, 0x69, 0x4a,
    0x6e, 0x47, 0x66, 0x9d, 0x58, 0x58, 0x3c, 0x48, 0xbf, 0x97, 0x92};

struct digest {
	EVP_MD *sha256; /* fetched once: a fetch takes a look-up and locks */
	EVP_MD_CTX *context;
};

/* libcrypto fails here only if it lacks memory or its own providers. */
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

	d->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->context = EVP_MD_CTX_new();
	must(d->sha256 != NULL && d->context != NULL &&
	     EVP_DigestInit_ex2(d->context, d->sha256, NULL));
	return d;
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->context);
	EVP_MD_free(d->sha256);
	free(d);
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	must(EVP_DigestUpdate(d->context, p, n));
}

void
digest_end(struct digest *d, uint8_t out[static DIGEST_SHA256])
{
	must(EVP_DigestFinal_ex(d->context, out, NULL) &&
	     EVP_DigestInit_ex2(d->context, NULL, NULL));
}

void
digest_end_hex(struct digest *d, char hex[static DIGEST_HEX])
{
	uint8_t hash[DIGEST_SHA256];

	digest_end(d, hash);
	digest_hex(hash, sizeof(hash), hex);
}

static inline char
hex_digit(unsigned v)
{
	return (char)(v + (v < 10 ? '0' : 'a' - 10));
}

void
digest_hex(const uint8_t *restrict p, size_t n, char *restrict out)
{
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = hex_digit(p[i] >> 4);
		out[2 * i + 1] = hex_digit(p[i] & 15u);
	}
	out[2 * n] = '\0';
}

void
digest_hmac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[static DIGEST_SHA256])
{
	must(HMAC(EVP_sha256(), key, (int)key_len, p, n, out, NULL) != NULL);
}

void
digest_hmac_two(const void *key, size_t key_len, const void *head,
    size_t head_len, const void *p, size_t n, uint8_t out[static DIGEST_SHA256])
{
	char sha256[] = "SHA256";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string("digest", sha256, 0),
	    OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
	size_t size;

	must(context != NULL && EVP_MAC_init(context, key, key_len, params) &&
	     EVP_MAC_update(context, head, head_len) &&
	     EVP_MAC_update(context, p, n) &&
	     EVP_MAC_final(context, out, &size, DIGEST_SHA256));
	EVP_MAC_CTX_free(context);
	EVP_MAC_free(mac);
}

int
digest_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

/* Set the version and the variant bits of an id of random or hashed bytes. */
static void
stamp_version(uint8_t id[static DIGEST_UUID], unsigned version)
{
	id[6] = (uint8_t)((id[6] & 0x0F) | version << 4);
	id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
}

void
digest_uuid5(const uint8_t namespace[static DIGEST_UUID], const void *name,
    size_t n, uint8_t out[static DIGEST_UUID])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t hash[EVP_MAX_MD_SIZE];

	must(context != NULL && EVP_DigestInit_ex2(context, EVP_sha1(), NULL) &&
	     EVP_DigestUpdate(context, namespace, DIGEST_UUID) &&
	     EVP_DigestUpdate(context, name, n) &&
	     EVP_DigestFinal_ex(context, hash, NULL));
	EVP_MD_CTX_free(context);
	memcpy(out, hash, DIGEST_UUID);
	stamp_version(out, 5);
}

void
digest_uuid8(
    const uint8_t hash[static DIGEST_SHA256], uint8_t out[static DIGEST_UUID])
{
	memcpy(out, hash, DIGEST_UUID);
	stamp_version(out, 8);
}

void
digest_uuid7(uint8_t out[static DIGEST_UUID])
{
	uint64_t ms = (uint64_t)time_unix_ms();

	must(RAND_bytes(out, DIGEST_UUID));
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)(ms >> 8 * (5 - i));
	stamp_version(out, 7);
}

void
digest_uuid_text(
    const uint8_t id[static DIGEST_UUID], char out[static DIGEST_UUID_TEXT])
{
	char hex[2 * DIGEST_UUID + 1];

	digest_hex(id, DIGEST_UUID, hex);
	memcpy(out, hex, 8);
	out[8] = '-';
	memcpy(out + 9, hex + 8, 4);
	out[13] = '-';
	memcpy(out + 14, hex + 12, 4);
	out[18] = '-';
	memcpy(out + 19, hex + 16, 4);
	out[23] = '-';
	memcpy(out + 24, hex + 20, 12);
	out[36] = '\0';
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
digest_hex_read(const char *hex, size_t n, uint8_t *out)
{
	for (size_t i = 0; i < n; i++) {
		int high = hex_value(hex[2 * i]);
		int low = high == -1 ? -1 : hex_value(hex[2 * i + 1]);

		if (low == -1)
			return -1;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
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
