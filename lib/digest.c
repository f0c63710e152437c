#include "digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpu.h"
#include "sha.h"
#include "xalloc.h"

enum { NAME_MAX_SIZE = 400 /* longer names are left to libcrypto */ };

struct digest {
	EVP_MD_CTX *sha256; /* NULL until it is needed */
	EVP_MD_CTX *sha1;
};

const uint8_t digest_namespace[DIGEST_UUID] = {0xf7, 0x54, 0xdd, 0x69, 0x4a,
    0x6e, 0x47, 0x66, 0x9d, 0x58, 0x58, 0x3c, 0x48, 0xbf, 0x97, 0x92};

static const char hex_digits[] = "0123456789abcdef";

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
	return x_calloc(1, sizeof(struct digest));
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->sha256);
	EVP_MD_CTX_free(d->sha1);
	free(d);
}

/* Begin a hash; the context is made once, as that takes longer. */
static void
start(EVP_MD_CTX **context, const EVP_MD *algorithm)
{
	if (*context == NULL) {
		*context = EVP_MD_CTX_new();
		must(*context != NULL);
		must(EVP_DigestInit_ex(*context, algorithm, NULL));
	} else {
		/* A NULL type keeps the algorithm that was fetched. */
		must(EVP_DigestInit_ex(*context, NULL, NULL));
	}
}

void
digest_start(struct digest *d)
{
	start(&d->sha256, EVP_sha256());
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	must(EVP_DigestUpdate(d->sha256, p, n));
}

void
digest_finish(struct digest *d, char hex[static DIGEST_HEX])
{
	uint8_t out[DIGEST_SHA256];

	must(EVP_DigestFinal_ex(d->sha256, out, NULL));
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

#ifdef CPU_X86_64
/* The digits of 16 bytes, looked up side by side. */
WITH_AVX2 static void
put_hex_of_16(char *to, const uint8_t *p)
{
	const __m128i digits =
	    _mm_loadu_si128((const __m128i *)(const void *)hex_digits);
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
	__m128i low = _mm_and_si128(v, _mm_set1_epi8(15));
	__m128i high = _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(15));

	low = _mm_shuffle_epi8(digits, low);
	high = _mm_shuffle_epi8(digits, high);
	_mm_storeu_si128((__m128i *)(void *)to, _mm_unpacklo_epi8(high, low));
	_mm_storeu_si128(
	    (__m128i *)(void *)(to + 16), _mm_unpackhi_epi8(high, low));
}
#endif

void
digest_hex(const uint8_t *p, size_t n, char *out)
{
	size_t i = 0;

#ifdef CPU_X86_64
	if (cpu_has_avx2())
		for (; i + 16 <= n; i += 16)
			put_hex_of_16(out + 2 * i, p + i);
#endif
	for (; i < n; i++) {
		out[2 * i] = hex_digits[p[i] >> 4];
		out[2 * i + 1] = hex_digits[p[i] & 15];
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

/* SHA-1 of namespace and a name that fits. */
static void
name_hash(const uint8_t namespace[static DIGEST_UUID], const void *name,
    size_t n, uint8_t hash[static DIGEST_UUID])
{
	uint32_t state[5] = {
	    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	uint8_t text[NAME_MAX_SIZE + DIGEST_UUID + SHA_PADDING];

	memcpy(text, namespace, DIGEST_UUID);
	if (n > 0)
		memcpy(text + DIGEST_UUID, name, n);
	n += DIGEST_UUID;
	sha1_blocks(state, text, (n + sha_pad(text + n, n)) / SHA_BLOCK);
	for (size_t i = 0; i < DIGEST_UUID / 4; i++)
		sha_put_word(hash + 4 * i, state[i]);
}

void
digest_name(struct digest *d, const uint8_t namespace[static DIGEST_UUID],
    const void *name, size_t n, uint8_t out[static DIGEST_UUID])
{
	uint8_t hash[EVP_MAX_MD_SIZE];

	if (n <= NAME_MAX_SIZE && sha_available()) {
		name_hash(namespace, name, n, out);
	} else {
		start(&d->sha1, EVP_sha1());
		must(EVP_DigestUpdate(d->sha1, namespace, DIGEST_UUID));
		must(EVP_DigestUpdate(d->sha1, name, n));
		must(EVP_DigestFinal_ex(d->sha1, hash, NULL));
		memcpy(out, hash, DIGEST_UUID);
	}
	stamp_version(out, 5);
}

void
digest_uuid5(const uint8_t namespace[static DIGEST_UUID], const void *name,
    size_t n, uint8_t out[static DIGEST_UUID])
{
	struct digest *d = digest_new();

	digest_name(d, namespace, name, n, out);
	digest_free(d);
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

	digest_hex(id, DIGEST_UUID, hex);
	memcpy(out, hex, 8);
	out[8] = '-';
	memcpy(out + 9, hex + 8, 4);
	out[13] = '-';
	memcpy(out + 14, hex + 12, 4);
	out[18] = '-';
	memcpy(out + 19, hex + 16, 4);
	out[23] = '-';
	memcpy(out + 24, hex + 20, 13);
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
