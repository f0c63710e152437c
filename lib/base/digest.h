/*
 * digest - SHA-256, HMAC-SHA-256 and UUIDs
 *
 * libcrypto computes them. No function fails on valid arguments: if libcrypto
 * fails, the process aborts.
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

/* The namespace of pl's name-based ids, such as those of sources. */
extern const uint8_t digest_namespace[DIGEST_UUID];

/*
 * The SHA-256 of texts, one after another. A text is added in parts. A digest
 * is for one thread at a time.
 */
struct digest;
struct digest *digest_new(void);
void digest_free(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t n);
/* The hash of the text that was added. The next text begins. */
void digest_end(struct digest *d, uint8_t out[static DIGEST_SHA256]);
/* As digest_end, in lower-case hex digits. */
void digest_end_hex(struct digest *d, char hex[static DIGEST_HEX]);

/* HMAC-SHA-256 (RFC 2104) of n bytes. */
void digest_hmac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[static DIGEST_SHA256]);
/* As digest_hmac, of the head and the n bytes behind it. */
void digest_hmac_two(const void *key, size_t key_len, const void *head,
    size_t head_len, const void *p, size_t n,
    uint8_t out[static DIGEST_SHA256]);
/* Whether n bytes are equal; the time it takes depends on n alone. */
int digest_equal(const void *a, const void *b, size_t n);
/* Read n bytes from 2n hex digits, in either case. 0, or -1: not digits. */
int digest_hex_read(const char *hex, size_t n, uint8_t *out);
/* n bytes as 2n lower-case hex digits and a NUL. */
void digest_hex(const uint8_t *p, size_t n, char *out);

/* Name-based id, SHA-1 (RFC 9562, version 5). */
void digest_uuid5(const uint8_t namespace[static DIGEST_UUID], const void *name,
    size_t n, uint8_t out[static DIGEST_UUID]);
/*
 * Id made of a SHA-256 (RFC 9562, version 8, as in its appendix B.2): the first
 * 128 bits, in which version and variant are then set.
 */
void digest_uuid8(
    const uint8_t hash[static DIGEST_SHA256], uint8_t out[static DIGEST_UUID]);
/* Time-ordered random id (RFC 9562, version 7). */
void digest_uuid7(uint8_t out[static DIGEST_UUID]);
/* Text form, lower case. */
void digest_uuid_text(
    const uint8_t id[static DIGEST_UUID], char out[static DIGEST_UUID_TEXT]);
/* Parse the 8-4-4-4-12 form, in either case. 0, or -1 for any other text. */
int digest_uuid_parse(const char *s, size_t n, uint8_t out[static DIGEST_UUID]);

#endif
