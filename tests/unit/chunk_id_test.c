/* chunk_id: ids as pl-record(5) has them, equal texts, and ids that stay */
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
	const char *text, *id;
} chunks[] = {
    {"text", "92fedd59-d866-8257-b33e-e302e9600768"},
    {"", "f0792fa5-a2c1-8622-a8ca-5463fc86ed86"},
    {"text", "cf770b87-7e72-8e71-b7c4-a278a0d754f5"},
    {"text", "ef533e8e-123f-8a75-a0c6-805861067785"},
};

static void
make(struct chunk_id *c, const char *text, char id[static DIGEST_UUID_TEXT])
{
	uint8_t uuid[DIGEST_UUID];

	chunk_id_make(c, text, strlen(text), uuid);
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
			make(c, chunks[i].text, id);
			tap(strcmp(id, chunks[i].id) == 0,
			    "round %d, chunk %zu: %s", round, i, id);
		}
	}
	chunk_id_free(c);
	chunk_id_free(NULL);
}

/* So many that the table of texts grows; each of them comes twice. */
static void
test_many(void)
{
	enum { COUNT = 1000 };
	static char first[COUNT][DIGEST_UUID_TEXT];
	struct chunk_id *c = chunk_id_new(), *other = chunk_id_new();
	char text[16], id[DIGEST_UUID_TEXT];
	size_t equal = 0, changed = 0;

	chunk_id_start(c, document);
	chunk_id_start(other, (const uint8_t[DIGEST_UUID]){1, 2, 4});
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "%d", i);
		make(c, text, first[i]);
		make(other, text, id);
		equal += strcmp(id, first[i]) == 0;
	}
	tap(equal == 0, "another document's chunks have others: %zu not",
	    equal);
	equal = 0;
	for (int i = 0; i < COUNT; i++) {
		snprintf(text, sizeof(text), "%d", i);
		make(c, text, id);
		equal += strcmp(id, first[i]) == 0;
	}
	tap(equal == 0, "each second one has another id: %zu not", equal);
	chunk_id_start(c, document);
	for (int i = COUNT - 1; i >= 0; i--) {
		snprintf(text, sizeof(text), "%d", i);
		make(c, text, id);
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
