#include "ident.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xalloc.h"

/* Texts seen in this document, by their hash; open addressing. */
struct seen {
	uint8_t hash[DIGEST_SHA256];
	uint32_t count;
	uint32_t round; /* slots of other documents are free */
};

struct ident {
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

	ident->size = 64;
	ident->slots = x_calloc(ident->size, sizeof(*ident->slots));
	return ident;
}

void
ident_free(struct ident *ident)
{
	if (ident == NULL)
		return;
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
find(struct ident *ident, const uint8_t hash[static DIGEST_SHA256])
{
	struct seen *slot;
	uint64_t key;

	memcpy(&key, hash, sizeof(key));
	for (;; key++) {
		slot = &ident->slots[key & (ident->size - 1)];
		if (slot->round != ident->round ||
		    memcmp(slot->hash, hash, DIGEST_SHA256) == 0)
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

void
ident_chunk(struct ident *ident, const void *text, size_t n,
    char id[static DIGEST_UUID_TEXT])
{
	uint8_t hash[DIGEST_SHA256], uuid[DIGEST_UUID];
	char name[DIGEST_HEX + 16];
	struct seen *slot;

	if (ident->used * 2 >= ident->size)
		grow(ident);
	digest_sha256(text, n, hash);
	slot = find(ident, hash);
	if (slot->round != ident->round) {
		memcpy(slot->hash, hash, DIGEST_SHA256);
		slot->round = ident->round;
		slot->count = 0;
		ident->used++;
	}
	digest_hex(hash, DIGEST_SHA256, name);
	snprintf(name + DIGEST_HEX - 1, 16, "/%u", slot->count++);
	digest_uuid5(ident->document, name, strlen(name), uuid);
	digest_uuid_text(uuid, id);
}
