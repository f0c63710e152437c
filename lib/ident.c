#include "ident.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* Texts seen in this document, by their hash; open addressing. */
struct seen {
	uint64_t hash[2];
	uint32_t count;
	uint32_t round; /* slots of other documents are free */
};

struct ident {
	struct digest *digest;
	uint8_t document[DIGEST_UUID];
	struct seen *slots;
	size_t size; /* a power of two */
	size_t used;
	uint32_t round;
};

struct ident *
ident_new(void)
{
	struct ident *ident = x_calloc(1, sizeof(*ident));

	ident->digest = digest_new();
	ident->size = 64;
	ident->slots = x_calloc(ident->size, sizeof(*ident->slots));
	return ident;
}

void
ident_free(struct ident *ident)
{
	if (ident == NULL)
		return;
	digest_free(ident->digest);
	free(ident->slots);
	free(ident);
}

void
ident_start(struct ident *ident, const uint8_t document[static DIGEST_UUID])
{
	memcpy(ident->document, document, DIGEST_UUID);
	ident->used = 0;
	if (++ident->round == 0) {
		memset(ident->slots, 0, ident->size * sizeof(*ident->slots));
		ident->round = 1;
	}
}

static struct seen *
find(struct ident *ident, const uint64_t hash[static 2])
{
	for (uint64_t key = hash[0];; key++) {
		struct seen *slot = &ident->slots[key & (ident->size - 1)];

		if (slot->round != ident->round ||
		    (slot->hash[0] == hash[0] && slot->hash[1] == hash[1]))
			return slot;
	}
}

static void
grow(struct ident *ident)
{
	struct seen *old = ident->slots;
	size_t size = ident->size;

	ident->size *= 2;
	ident->slots = x_calloc(ident->size, sizeof(*old));
	for (size_t i = 0; i < size; i++)
		if (old[i].round == ident->round)
			*find(ident, old[i].hash) = old[i];
	free(old);
}

static uint64_t
load(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? v
							 : __builtin_bswap64(v);
}

static void
store(uint8_t *p, uint64_t v)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		v = __builtin_bswap64(v);
	memcpy(p, &v, sizeof(v));
}

/* Both halves of the 128-bit product of two words, folded into one. */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/*
 * Two lanes take turns at 16 bytes each, then are stirred into each other.
 * The constants are odd words of random bits.
 */
static void
hash_text(const void *text, size_t n, uint64_t hash[static 2])
{
	const uint64_t k[4] = {0x9E6C63D0876A9A47u, 0xD1B54A32D192ED03u,
	    0xAEF17502108EF2D9u, 0xF1357AEA2E62A9C5u};
	const unsigned char *p = text, *end = p + n;
	unsigned char last[32] = {0};
	uint64_t a = n, b = ~(uint64_t)n;

	for (;; p += 32) {
		if (end - p < 32) {
			memcpy(last, p, (size_t)(end - p));
			p = last;
		}
		a = fold(load(p) ^ k[0], load(p + 8) ^ k[1] ^ a);
		b = fold(load(p + 16) ^ k[2], load(p + 24) ^ k[3] ^ b);
		if (p == last)
			break;
	}
	hash[0] = fold(a ^ k[3], b ^ k[1]);
	hash[1] = fold(b ^ k[2], a ^ hash[0] ^ k[0]);
}

void
ident_chunk(struct ident *ident, const void *text, size_t n,
    char id[static DIGEST_UUID_TEXT])
{
	uint8_t name[24], uuid[DIGEST_UUID];
	uint64_t hash[2];
	struct seen *slot;

	if (ident->used * 2 >= ident->size)
		grow(ident);
	hash_text(text, n, hash);
	slot = find(ident, hash);
	if (slot->round != ident->round) {
		*slot = (struct seen){{hash[0], hash[1]}, 0, ident->round};
		ident->used++;
	}
	store(name, hash[0]);
	store(name + 8, hash[1]);
	store(name + 16, slot->count++);
	digest_name(ident->digest, ident->document, name, 20, uuid);
	digest_uuid_text(uuid, id);
}
