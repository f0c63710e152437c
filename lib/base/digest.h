/*
 * digest - SHA-256, HMAC-SHA-256 and UUIDs
 *
 * All of it by libcrypto, whose only user is digest.c. No function fails on
 * valid arguments: where libcrypto fails, the process ends.
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum {
	DIGEST_SHA256 = 32,
	DIGEST_HEX = 65, /* 64 hex digits and the NUL */
	DIGEST_UUID = 16,
	DIGEST_UUID_TEXT = 37 /* 8-4-4-4-12 and the NUL */
};

/* The namespace of pl's name-based ids: sources are UUIDv5 in it. */
extern const uint8_t digest_namespace[DIGEST_UUID];

/*
 * SHA-256 of one text after the other, each added in parts. A digest is for one
 * thread at a time.
 */
struct digest;
struct digest *digest_new(void);
void digest_free(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);
/* The hash of what was added; then begin a new text. */
void digest_end(struct digest *d, uint8_t out[static DIGEST_SHA256]);
/* The same as lower-case hex digits. */
void digest_end_hex(struct digest *d, char hex[static DIGEST_HEX]);

/* HMAC-SHA-256 (RFC 2104) of n bytes. */
void digest_hmac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[static DIGEST_SHA256]);
/* n bytes as 2n lower-case hex digits and a NUL. */
void digest_hex(const uint8_t *p, size_t n, char *out);

/* Name-based id, SHA-1 (RFC 9562, version 5). */
void digest_uuid5(const uint8_t namespace[static DIGEST_UUID], const void *name,
    size_t n, uint8_t out[static DIGEST_UUID]);
/*
 * Id made of a SHA-256 (RFC 9562, version 8, as in its appendix B.2): the first
 * 128 bits, but for version and variant.
 */
void digest_uuid8(
    const uint8_t hash[static DIGEST_SHA256], uint8_t out[static DIGEST_UUID]);
/* Time-ordered random id (RFC 9562, version 7). */
void digest_uuid7(uint8_t out[static DIGEST_UUID]);
/* Text form, lower case. */
void digest_uuid_text(
    const uint8_t id[static DIGEST_UUID], char out[static DIGEST_UUID_TEXT]);
/* Read exactly the 8-4-4-4-12 form, either case. 0, or -1 on anything else. */
int digest_uuid_parse(const char *s, size_t n, uint8_t out[static DIGEST_UUID]);

#endif
