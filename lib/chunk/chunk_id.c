#include "chunk/chunk_id.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bits.h"

enum { DOCUMENT = DIGEST_UUID_TEXT - 1, NUMBER = 8 };

/* A hash that occurred in this document. The table has open addressing. */
struct seen {
	uint8_t id[DIGEST_UUID]; /* of its first chunk */
	uint32_t count;
	uint32_t round; /* number of its document; others' slots are free */
};

struct chunk_id {
	struct digest *digest;
	char head[DOCUMENT + NUMBER]; /* the first bytes to hash */
	struct seen *slots;
	size_t size; /* a power of two */
	size_t used;
	uint32_t round;
};

struct chunk_id *
chunk_id_new(void)
{
	struct chunk_id *c = x_calloc(1, sizeof(*c));

	c->digest = digest_new();
	c->size = 64;
	c->slots = x_calloc(c->size, sizeof(*c->slots));
	return c;
}

void
chunk_id_free(struct chunk_id *c)
{
	if (c == NULL)
		return;
	digest_free(c->digest);
	free(c->slots);
	free(c);
}

void
chunk_id_start(struct chunk_id *c, const uint8_t document[static DIGEST_UUID])
{
	char text[DIGEST_UUID_TEXT];

	digest_uuid_text(document, text);
	memcpy(c->head, text, DOCUMENT);
	c->used = 0;
	if (++c->round == 0) {
		memset(c->slots, 0, c->size * sizeof(*c->slots));
		c->round = 1;
	}
}

static struct seen *
find(struct chunk_id *c, const uint8_t id[static DIGEST_UUID])
{
	for (uint64_t key = bits_load(id);; key++) {
		struct seen *slot = &c->slots[key & (c->size - 1)];

		if (slot->round != c->round ||
		    memcmp(slot->id, id, DIGEST_UUID) == 0)
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
			*find(c, old[i].id) = old[i];
	free(old);
}

/* The id of a chunk with this hash behind count chunks with the same hash. */
static void
number(struct chunk_id *c, uint32_t count, const char *hash, size_t n,
    uint8_t id[static DIGEST_UUID])
{
	uint8_t digest[DIGEST_SHA256];

	for (int i = NUMBER - 1; i >= 0; i--, count >>= 4)
		c->head[DOCUMENT + i] = "0123456789abcdef"[count & 15];
	digest_add(c->digest, c->head, sizeof(c->head));
	digest_add(c->digest, hash, n);
	digest_end(c->digest, digest);
	digest_uuid8(digest, id);
}

void
chunk_id_make(struct chunk_id *c, const char *hash, size_t n,
    uint8_t id[static DIGEST_UUID])
{
	struct seen *slot;

	if (c->used * 2 >= c->size)
		grow(c);
	number(c, 0, hash, n, id);
	slot = find(c, id);
	if (slot->round != c->round) {
		*slot = (struct seen){.round = c->round};
		memcpy(slot->id, id, DIGEST_UUID);
		c->used++;
	}
	if (slot->count > 0)
		number(c, slot->count, hash, n, id);
	slot->count++;
}
