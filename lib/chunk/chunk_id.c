#include "chunk/chunk_id.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bits.h"

enum {
	LANES = 4,
	BLOCK = 16 * LANES,
	NAME = 24, /* room for a name, of which so many bytes are used */
	NAME_USED = 20
};

/* Texts seen in this document, by their hash; open addressing. */
struct seen {
	uint64_t hash[2];
	uint32_t count;
	uint32_t round; /* slots of other documents are free */
};

struct chunk_id {
	uint8_t document[DIGEST_UUID];
	struct seen *slots;
	size_t size; /* a power of two */
	size_t used;
	uint32_t round;
};

struct chunk_id *
chunk_id_new(void)
{
	struct chunk_id *c = x_calloc(1, sizeof(*c));

	c->size = 64;
	c->slots = x_calloc(c->size, sizeof(*c->slots));
	return c;
}

void
chunk_id_free(struct chunk_id *c)
{
	if (c == NULL)
		return;
	free(c->slots);
	free(c);
}

void
chunk_id_start(struct chunk_id *c, const uint8_t document[static DIGEST_UUID])
{
	memcpy(c->document, document, DIGEST_UUID);
	c->used = 0;
	if (++c->round == 0) {
		memset(c->slots, 0, c->size * sizeof(*c->slots));
		c->round = 1;
	}
}

static struct seen *
find(struct chunk_id *c, const uint64_t hash[static 2])
{
	for (uint64_t key = hash[0];; key++) {
		struct seen *slot = &c->slots[key & (c->size - 1)];

		if (slot->round != c->round ||
		    (slot->hash[0] == hash[0] && slot->hash[1] == hash[1]))
			return slot;
	}
}

static void
grow(struct chunk_id *c)
{
	struct seen *old = c->slots;
	size_t size = c->size;

	c->size *= 2;
	c->slots = x_calloc(c->size, sizeof(*old));
	for (size_t i = 0; i < size; i++)
		if (old[i].round == c->round)
			*find(c, old[i].hash) = old[i];
	free(old);
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
 * Four lanes take turns at 16 bytes each, as each step of one waits for the
 * step before; then they are stirred into each other.
 */
static void
hash_text(const void *text, size_t n, uint64_t hash[static 2])
{
	/* Odd words of random bits. */
	static const uint64_t keys[2 * LANES] = {0x7670EAF36AA8244Fu,
	    0x285451741DD022F7u, 0x2E92D5A311AC5265u, 0x8132C48EDD8DE04Fu,
	    0x5A4FB7D82F4F5247u, 0x2EC1E325E84E30D1u, 0x607938B20E196A39u,
	    0x4D962AF36113BD5Du};
	const unsigned char *p = text, *end = p + n;
	unsigned char last[BLOCK] = {0};
	uint64_t lanes[LANES] = {n, ~(uint64_t)n, n << 32, ~(uint64_t)n << 32};

	for (;; p += BLOCK) {
		if (end - p < BLOCK) {
			memcpy(last, p, (size_t)(end - p));
			p = last;
		}
		for (int i = 0; i < LANES; i++)
			lanes[i] = fold(bits_load(p + 16 * i) ^ keys[2 * i],
			    bits_load(p + 16 * i + 8) ^ keys[2 * i + 1] ^
				lanes[i]);
		if (p == last)
			break;
	}
	lanes[0] = fold(lanes[0] ^ keys[7], lanes[2] ^ keys[5]);
	lanes[1] = fold(lanes[1] ^ keys[3], lanes[3] ^ keys[1]);
	hash[0] = fold(lanes[0] ^ keys[6], lanes[1] ^ keys[4]);
	hash[1] = fold(lanes[1] ^ keys[2], lanes[0] ^ hash[0] ^ keys[0]);
}

/* Write the name of the next chunk, whose text has that hash. */
static void
put_name(struct chunk_id *c, const uint64_t hash[static 2],
    uint8_t name[static NAME])
{
	struct seen *slot;

	if (c->used * 2 >= c->size)
		grow(c);
	slot = find(c, hash);
	if (slot->round != c->round) {
		*slot = (struct seen){{hash[0], hash[1]}, 0, c->round};
		c->used++;
	}
	store(name, hash[0]);
	store(name + 8, hash[1]);
	store(name + 16, slot->count++);
}

void
chunk_id_make(struct chunk_id *c, const void *text, size_t n,
    char id[static DIGEST_UUID_TEXT])
{
	uint8_t name[NAME], uuid[DIGEST_UUID];
	uint64_t hash[2];

	hash_text(text, n, hash);
	put_name(c, hash, name);
	digest_uuid5(c->document, name, NAME_USED, uuid);
	digest_uuid_text(uuid, id);
}

void
chunk_id_make_all(struct chunk_id *c, const struct digest_text *texts, size_t n,
    char ids[static CHUNK_ID_BATCH][DIGEST_UUID_TEXT])
{
	uint64_t hashes[CHUNK_ID_BATCH][2];
	uint8_t names[CHUNK_ID_BATCH][NAME], uuids[CHUNK_ID_BATCH][DIGEST_UUID];

	/* Each step of one text waits for the one before; others need not. */
	for (size_t i = 0; i < n; i++)
		hash_text(texts[i].body, texts[i].body_n, hashes[i]);
	for (size_t i = 0; i < n; i++)
		put_name(c, hashes[i], names[i]);
	for (size_t i = 0; i < n; i++)
		digest_uuid5(c->document, names[i], NAME_USED, uuids[i]);
	for (size_t i = 0; i < n; i++)
		digest_uuid_text(uuids[i], ids[i]);
}
