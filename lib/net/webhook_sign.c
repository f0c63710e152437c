#include "net/webhook_sign.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"

static const char prefix[] = "whsec_";

int
webhook_sign_key(const char *secret, struct buf *key)
{
	size_t n = sizeof(prefix) - 1, size;

	if (strncmp(secret, prefix, n) != 0) {
		buf_puts(key, secret);
		return *secret == '\0' ? -1 : 0;
	}
	secret += n;
	n = strlen(secret);
	size = encode_base64_size(secret, n);
	if (size == SIZE_MAX || size == 0 ||
	    encode_base64_read(secret, n, buf_reserve(key, size)) == -1)
		return -1;
	key->len += size;
	return 0;
}

void
webhook_sign(struct buf *out, const struct buf *key, const char *id,
    int64_t timestamp, const void *body, size_t n)
{
	uint8_t mac[DIGEST_SHA256];
	struct buf text = {0};

	buf_printf(&text, "%s.%lld.", id, (long long)timestamp);
	buf_add(&text, body, n);
	digest_hmac(key->data, key->len, text.data, text.len, mac);
	buf_free(&text);
	buf_puts(out, "v1,");
	encode_base64(out, mac, sizeof(mac));
}
