#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/sha.h"
#include "base/time.h"

const uint8_t digest_namespace[DIGEST_UUID] = {0xf7, 0x54, 0xdd, 0x69, 0x4a,
    0x6e, 0x47, 0x66, 0x9d, 0x58, 0x58, 0x3c, 0x48, 0xbf, 0x97, 0x92};

static const char hex_digits[] = "0123456789abcdef";

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

/* libcrypto fails here only without memory, or without its own providers. */
static void
must(int ok)
{
	if (!ok)
		abort();
}

void
digest_hmac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[static DIGEST_SHA256])
{
	must(HMAC(EVP_sha256(), key, (int)key_len, p, n, out, NULL) != NULL);
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
	uint32_t state[5] = {
	    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	uint8_t last[SHA_BLOCK + SHA_PADDING];
	const uint8_t *p = name;
	size_t used = DIGEST_UUID, all = DIGEST_UUID + n;

	/* The first block has the namespace in front, the last ones the end. */
	memcpy(last, namespace, DIGEST_UUID);
	for (; used + n >= SHA_BLOCK; used = 0) {
		memcpy(last + used, p, SHA_BLOCK - used);
		sha1_blocks(state, last, 1);
		p += SHA_BLOCK - used;
		n -= SHA_BLOCK - used;
	}
	if (n > 0)
		memcpy(last + used, p, n);
	used += n;
	used += sha_pad(last + used, all);
	sha1_blocks(state, last, used / SHA_BLOCK);
	for (size_t i = 0; i < DIGEST_UUID / 4; i++)
		sha_put_word(out + 4 * i, state[i]);
	stamp_version(out, 5);
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
