#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/time.h"

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

void
digest_uuid7(uint8_t out[static DIGEST_UUID])
{
	uint64_t ms = (uint64_t)time_unix_ms();

	must(RAND_bytes(out, DIGEST_UUID));
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)(ms >> 8 * (5 - i));
	digest_stamp_version(out, 7);
}
