/*
 * webhook_sign - signatures of outgoing webhooks
 *
 * The format is that of Standard Webhooks 1.0.0 (standardwebhooks.com),
 * symmetric signatures: HMAC-SHA-256 of "ID.TIMESTAMP.BODY". Pure.
 */
#ifndef WEBHOOK_SIGN_H
#define WEBHOOK_SIGN_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Append the key that a secret means: the bytes whose base64 follows "whsec_",
 * or else the secret itself. 0, or -1 if that is empty or no base64.
 */
int webhook_sign_key(const char *secret, struct buf *key);
/* Append the signature: "v1,", and base64. timestamp is in Unix seconds. */
void webhook_sign(struct buf *out, const struct buf *key, const char *id,
    int64_t timestamp, const void *body, size_t n);

#endif
