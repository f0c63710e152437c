#include "digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "sha.h"
#include "xalloc.h"

enum {
	PADDING_MAX = SHA_BLOCK + 8,
	NAME_MAX_SIZE = 400 /* longer names are left to libcrypto */
};

struct digest {
	EVP_MD_CTX *sha256; /* NULL until it is needed */
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

/* Hashing by sha.h. */

/* Write words as bytes, the highest first. */
static void
put_words(uint8_t *out, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++, out += 4) {
		out[0] = (uint8_t)(words[i] >> 24);
		out[1] = (uint8_t)(words[i] >> 16);
		out[2] = (uint8_t)(words[i] >> 8);
		out[3] = (uint8_t)words[i];
	}
}

/* Write the padding of a message of n bytes; returns its length. */
static size_t
pad(uint8_t *to, uint64_t n)
{
	size_t zeros = (size_t)(SHA_BLOCK + 55 - n % SHA_BLOCK) % SHA_BLOCK;
	uint32_t bits[2] = {(uint32_t)(n >> 29), (uint32_t)(n << 3)};

	to[0] = 0x80;
	memset(to + 1, 0, zeros);
	put_words(to + 1 + zeros, bits, 2);
	return 1 + zeros + 8;
}

/*
 * A text in work: blocks of the head and the first bytes of the body, which
 * are put together, then of the body as it stands, then of its last bytes and
 * the padding.
 */
struct work {
	struct sha256_lane lane;
	size_t blocks; /* at lane.p, left of this part */
	struct {
		const uint8_t *p;
		size_t blocks;
	} parts[3];
	unsigned part; /* the next */
	struct buf edges;
	char *hex;
};

static void
start_text(struct work *w, const struct digest_text *text, char *hex)
{
	static const uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
	    0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	const uint8_t *body = text->body;
	size_t fill = (0 - text->head_n) % SHA_BLOCK, first, rest;
	uint8_t *edges;

	if (fill > text->body_n)
		fill = text->body_n;
	rest = (text->body_n - fill) % SHA_BLOCK;
	w->edges.len = 0;
	buf_reserve(&w->edges, text->head_n + 2 * SHA_BLOCK + PADDING_MAX);
	buf_add(&w->edges, text->head, text->head_n);
	buf_add(&w->edges, body, fill);
	first = w->edges.len / SHA_BLOCK;
	buf_add(&w->edges, body + text->body_n - rest, rest);
	edges = (uint8_t *)w->edges.data;
	w->edges.len +=
	    pad(edges + w->edges.len, (uint64_t)text->head_n + text->body_n);

	memcpy(w->lane.state, state, sizeof(state));
	w->parts[0].p = edges;
	w->parts[0].blocks = first;
	w->parts[1].p = body + fill;
	w->parts[1].blocks = (text->body_n - fill) / SHA_BLOCK;
	w->parts[2].p = edges + first * SHA_BLOCK;
	w->parts[2].blocks = w->edges.len / SHA_BLOCK - first;
	w->part = 0;
	w->hex = hex;
}

/* What is left to be hashed. */
struct queue_of_texts {
	const struct digest_text *texts;
	size_t n, next;
	char (*hex)[DIGEST_HEX];
};

/* Whether there are blocks for w to go on with, of its text or the next. */
static int
find_blocks(struct work *w, struct queue_of_texts *q)
{
	uint8_t hash[DIGEST_SHA256];

	while (w->blocks == 0) {
		if (w->part < 3) {
			w->lane.p = w->parts[w->part].p;
			w->blocks = w->parts[w->part++].blocks;
			continue;
		}
		if (w->hex != NULL) {
			put_words(hash, w->lane.state, 8);
			digest_hex(hash, sizeof(hash), w->hex);
			w->hex = NULL;
		}
		if (q->next == q->n)
			return 0;
		start_text(w, &q->texts[q->next], q->hex[q->next]);
		q->next++;
	}
	return 1;
}

static void
hash_queue(struct queue_of_texts *q)
{
	struct work a = {.part = 3}, b = {.part = 3};

	while (find_blocks(&a, q) && find_blocks(&b, q)) {
		size_t blocks = a.blocks < b.blocks ? a.blocks : b.blocks;

		sha256_blocks_of_two(&a.lane, &b.lane, blocks);
		a.blocks -= blocks;
		b.blocks -= blocks;
	}
	for (struct work *w = &a; w != NULL; w = w == &a ? &b : NULL)
		for (; find_blocks(w, q); w->blocks = 0)
			sha256_blocks(&w->lane, w->blocks);
	buf_free(&a.edges);
	buf_free(&b.edges);
}

void
digest_texts(const struct digest_text *texts, size_t n, char (*hex)[DIGEST_HEX])
{
	struct queue_of_texts q = {texts, n, 0, hex};
	struct digest *d;

	if (sha_available()) {
		hash_queue(&q);
		return;
	}
	d = digest_new();
	for (size_t i = 0; i < n; i++) {
		digest_start(d);
		digest_add(d, texts[i].head, texts[i].head_n);
		digest_add(d, texts[i].body, texts[i].body_n);
		digest_finish(d, hex[i]);
	}
	digest_free(d);
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
	uint8_t text[NAME_MAX_SIZE + DIGEST_UUID + PADDING_MAX];

	memcpy(text, namespace, DIGEST_UUID);
	if (n > 0)
		memcpy(text + DIGEST_UUID, name, n);
	n += DIGEST_UUID;
	sha1_blocks(state, text, (n + pad(text + n, n)) / SHA_BLOCK);
	put_words(hash, state, DIGEST_UUID / 4);
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
