/* chunk_id: one by one and many at once, equal texts, and ids that stay */
#include "chunk/chunk_id.h"

#include <string.h>

#include "tap.h"

enum { COUNT = 100, LONGEST = 200 };

static const uint8_t document[DIGEST_UUID] = {1, 2, 3};
static char texts[COUNT][LONGEST];

/* Texts of all lengths around the blocks of the hash, one in five repeated. */
static void
make_texts(void)
{
	for (size_t i = 0; i < COUNT; i++)
		memset(texts[i], i % 5 ? (int)('a' + i % 26) : 'x',
		    i % 5 ? 2 * i + 1 : 7);
}

static void
test_batches(void)
{
	struct chunk_id *one = chunk_id_new(), *many = chunk_id_new();
	char ids[CHUNK_ID_BATCH][DIGEST_UUID_TEXT], id[DIGEST_UUID_TEXT];
	struct digest_text list[CHUNK_ID_BATCH];
	size_t wrong = 0, n;

	chunk_id_start(one, document);
	chunk_id_start(many, document);
	for (size_t first = 0, round = 1; first < COUNT; first += n, round++) {
		n = round % CHUNK_ID_BATCH + 1;
		n = n < COUNT - first ? n : COUNT - first;
		for (size_t i = 0; i < n; i++)
			list[i] = (struct digest_text){.head = "not looked at",
			    .head_n = i,
			    .body = texts[first + i],
			    .body_n = strlen(texts[first + i])};
		chunk_id_make_all(many, list, n, ids);
		for (size_t i = 0; i < n; i++) {
			chunk_id_make(one, list[i].body, list[i].body_n, id);
			wrong += strcmp(id, ids[i]) != 0;
		}
	}
	tap(wrong == 0, "many at once are as one by one: %zu wrong", wrong);
	chunk_id_free(one);
	chunk_id_free(many);
}

static void
test_equal_texts(void)
{
	char ids[3][DIGEST_UUID_TEXT], again[DIGEST_UUID_TEXT];
	struct chunk_id *ident = chunk_id_new();

	chunk_id_start(ident, document);
	for (int i = 0; i < 3; i++)
		chunk_id_make(ident, "text", 4, ids[i]);
	tap(strcmp(ids[0], ids[1]) != 0 && strcmp(ids[1], ids[2]) != 0 &&
		strcmp(ids[0], ids[2]) != 0,
	    "equal texts have ids of their own");
	chunk_id_start(ident, document);
	chunk_id_make(ident, "text", 4, again);
	tap(strcmp(again, ids[0]) == 0, "and the same in every run");
	/* They are kept for years: a change is one of the format. */
	tap(strcmp(again, "3a704534-3a1a-5fdd-825a-1d9e8337452e") == 0,
	    "which is known: %s", again);
	chunk_id_free(ident);
}

int
main(void)
{
	make_texts();
	test_batches();
	test_equal_texts();
	return tap_done();
}
