#include "ident.h"

#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

enum { BLOCK = 32 };

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

/* A hash in work: two lanes take turns at 16 bytes each. */
struct lanes {
	uint64_t a, b;
};

/* Odd words of random bits. */
static const uint64_t keys[4] = {0x9E6C63D0876A9A47u, 0xD1B54A32D192ED03u,
    0xAEF17502108EF2D9u, 0xF1357AEA2E62A9C5u};

static struct lanes
start_hash(size_t n)
{
	return (struct lanes){n, ~(uint64_t)n};
}

static inline void
hash_block(struct lanes *l, const unsigned char *p)
{
	l->a = fold(load(p) ^ keys[0], load(p + 8) ^ keys[1] ^ l->a);
	l->b = fold(load(p + 16) ^ keys[2], load(p + 24) ^ keys[3] ^ l->b);
}

/* Hash what is left of a text; at last the lanes are stirred into each other. */
static void
finish_hash(struct lanes *l, const unsigned char *p, size_t n,
    uint64_t hash[static 2])
{
	unsigned char last[BLOCK] = {0};

	for (; n >= BLOCK; n -= BLOCK, p += BLOCK)
		hash_block(l, p);
	if (n > 0)
		memcpy(last, p, n);
	hash_block(l, last);
	hash[0] = fold(l->a ^ keys[3], l->b ^ keys[1]);
	hash[1] = fold(l->b ^ keys[2], l->a ^ hash[0] ^ keys[0]);
}

/* As each step waits for the one before, two texts take as long as one. */
static void
hash_two(const struct digest_text t[static 2], uint64_t hash[static 2][2])
{
	struct lanes l = start_hash(t[0].body_n), m = start_hash(t[1].body_n);
	const unsigned char *p = t[0].body, *q = t[1].body;
	size_t both =
	    t[0].body_n < t[1].body_n ? t[0].body_n : t[1].body_n;

	both -= both % BLOCK;
	for (size_t i = 0; i < both; i += BLOCK) {
		hash_block(&l, p + i);
		hash_block(&m, q + i);
	}
	finish_hash(&l, p + both, t[0].body_n - both, hash[0]);
	finish_hash(&m, q + both, t[1].body_n - both, hash[1]);
}

/* The id of the next text, which has that hash. */
static void
make_id(struct ident *ident, const uint64_t hash[static 2],
    char id[static DIGEST_UUID_TEXT])
{
	uint8_t name[24], uuid[DIGEST_UUID];
	struct seen *slot;

	if (ident->used * 2 >= ident->size)
		grow(ident);
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

void
ident_chunks(struct ident *ident, const struct digest_text *texts, size_t n,
    char (*ids)[DIGEST_UUID_TEXT])
{
	uint64_t hash[2][2];
	struct lanes l;

	for (; n >= 2; n -= 2, texts += 2, ids += 2) {
		hash_two(texts, hash);
		make_id(ident, hash[0], ids[0]);
		make_id(ident, hash[1], ids[1]);
	}
	if (n > 0) {
		l = start_hash(texts->body_n);
		finish_hash(&l, texts->body, texts->body_n, hash[0]);
		make_id(ident, hash[0], *ids);
	}
}
