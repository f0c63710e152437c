/* chunk_id: ids as pl-record(5) has them, equal hashes, and ids that stay */
#include "chunk/chunk_id.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

static const uint8_t document[DIGEST_UUID] = {1, 2, 3};

/*
 * Computed by Python from the formula in pl-record(5). They are kept for years:
 * a change is one of the format.
 */
static const struct {
	const char *hash, *id;
} chunks[] = {
    {"hash", "d27c6433-e5e3-8a88-ac52-7fe7165624be"},
    {"", "f0792fa5-a2c1-8622-a8ca-5463fc86ed86"},
    {"hash", "d6c4f965-ea71-8862-a40a-b790d036395f"},
    {"hash", "0ddad5b3-091e-85ce-9d69-d014f1aca1ee"},
};

static void
make(struct chunk_id *c, const char *hash, char id[static DIGEST_UUID_TEXT])
{
	uint8_t uuid[DIGEST_UUID];

	chunk_id_make(c, hash, strlen(hash), uuid);
	digest_uuid_text(uuid, id);
}

static void
test_known(void)
{
	struct chunk_id *c = chunk_id_new();
	char id[DIGEST_UUID_TEXT];

	for (int round = 0; round < 2; round++) {
		chunk_id_start(c, document);
		for (size_t i = 0; i < sizeof(chunks) / sizeof(*chunks); i++) {
			make(c, chunks[i].hash, id);
			tap(strcmp(id, chunks[i].id) == 0,
			    "round %d, chunk %zu: %s", round, i, id);
		}
	}
	chunk_id_free(c);
	chunk_id_free(NULL);
}

/* So many that the table of hashes grows; each of them comes twice. */
static void
test_many(void)
{
	enum { COUNT = 1000 };
	static char first[COUNT][DIGEST_UUID_TEXT];
	struct chunk_id *c = chunk_id_new(), *other = chunk_id_new();
	char hash[16], id[DIGEST_UUID_TEXT];
	size_t equal = 0, changed = 0;

	chunk_id_start(c, document);
	chunk_id_start(other, (const uint8_t[DIGEST_UUID]){1, 2, 4});
	for (int i = 0; i < COUNT; i++) {
		snprintf(hash, sizeof(hash), "%d", i);
		make(c, hash, first[i]);
		make(other, hash, id);
		equal += strcmp(id, first[i]) == 0;
	}
	tap(equal == 0, "another document's chunks have others: %zu not",
	    equal);
	equal = 0;
	for (int i = 0; i < COUNT; i++) {
		snprintf(hash, sizeof(hash), "%d", i);
		make(c, hash, id);
		equal += strcmp(id, first[i]) == 0;
	}
	tap(equal == 0, "each second one has another id: %zu not", equal);
	chunk_id_start(c, document);
	for (int i = COUNT - 1; i >= 0; i--) {
		snprintf(hash, sizeof(hash), "%d", i);
		make(c, hash, id);
		changed += strcmp(id, first[i]) != 0;
	}
	tap(changed == 0, "where a chunk stands does not matter: %zu changed",
	    changed);
	chunk_id_free(c);
	chunk_id_free(other);
}

int
main(void)
{
	test_known();
	test_many();
	return tap_done();
}
