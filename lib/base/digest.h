/*
 * digest - SHA-256, HMAC-SHA-256 and UUIDs
 *
 * Texts and names, gigabytes of them, are hashed by sha. HMAC and random bytes,
 * which keep secrets, are libcrypto's; digest.c is its only user. No function
 * fails on valid arguments.
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

/* A text of two parts, of which either may be empty. */
struct digest_text {
	const void *head, *body;
	size_t head_n, body_n;
};

/*
 * Many texts hashed side by side, which is faster by the processor's own
 * instructions: some time after a text was added, done is called with its tag
 * and the lower-case hex of its SHA-256.
 */
struct digest_lanes;
typedef void digest_done(
    void *argument, size_t tag, const char hex[static DIGEST_HEX]);
struct digest_lanes *digest_lanes_new(digest_done *done, void *argument);
void digest_lanes_free(struct digest_lanes *d);
/* The text is borrowed until digest_lanes_keep or digest_lanes_finish. */
void digest_lanes_add(
    struct digest_lanes *d, const struct digest_text *text, size_t tag);
/* Copy what is left of the texts, as they may go away. */
void digest_lanes_keep(struct digest_lanes *d);
/* Hash what is left. */
void digest_lanes_finish(struct digest_lanes *d);

/* The same of one text. */
void digest_text(const struct digest_text *text, char hex[static DIGEST_HEX]);

/* HMAC-SHA-256 (RFC 2104) of n bytes. */
void digest_hmac(const void *key, size_t key_len, const void *p, size_t n,
    uint8_t out[static DIGEST_SHA256]);
/* n bytes as 2n lower-case hex digits and a NUL. */
void digest_hex(const uint8_t *p, size_t n, char *out);

/* Name-based id, SHA-1 (RFC 9562, version 5). */
void digest_uuid5(const uint8_t namespace[static DIGEST_UUID], const void *name,
    size_t n, uint8_t out[static DIGEST_UUID]);
/* Time-ordered random id (RFC 9562, version 7). */
void digest_uuid7(uint8_t out[static DIGEST_UUID]);
/* Text form, lower case. */
void digest_uuid_text(
    const uint8_t id[static DIGEST_UUID], char out[static DIGEST_UUID_TEXT]);
/* Read exactly the 8-4-4-4-12 form, either case. 0, or -1 on anything else. */
int digest_uuid_parse(const char *s, size_t n, uint8_t out[static DIGEST_UUID]);

#endif
