/* recipe_words: a recipe in a few words */

#include "store/recipe_words.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "tap.h"

static const struct {
	const char *chunk, *embed, *model;
	size_t most;
	const char *brief;
} rows[] = {
    {NULL, NULL, NULL, 80, ""},
    {NULL, NULL, "m", 80, "m"},
    {"pl/1 max=1600c", NULL, NULL, 80, "pl/1 max=1600c"},
    {"pl/1 max=1600c", NULL, "m", 80, "pl/1 max=1600c, m"},
    {NULL, "model=hash-512-v1 role=document", "hash-512-v1", 80, "hash-512-v1"},
    {"pl/1 max=1600c target=1000c overlap=0 context=on",
	"model=hash-512-v1 role=document", NULL, 80,
	"pl/1 max=1600c, hash-512-v1"},
    /* Another target, another unit, and an overlap are not usual. */
    {"pl/2 max=1600c target=1200c overlap=0 context=on", NULL, NULL, 80,
	"pl/2 max=1600c target=1200c"},
    {"pl/1 max=800t target=500b overlap=80t context=off tokenizer=ab", NULL,
	NULL, 80,
	"pl/1 max=800t target=500b overlap=80t context=off tokenizer=ab"},
    {NULL, "model=m dimensions=256 role=query", NULL, 80,
	"m dimensions=256 role=query"},
    /* A prefix has blanks of its own. */
    {NULL, "model=m role=document prefix=\"search document: \"", NULL, 80,
	"m prefix=..."},
    {"own splitter", "own model", "m", 80, "own splitter, own model"},
    /* Too long: both parts stay. */
    {"pl/1 max=1600c overlap=100c", "model=a-long-name", NULL, 29,
	"pl/1..., a-long-name"},
    {"pl/1 max=1600c overlap=100c", "model=a-long-name", NULL, 39,
	"pl/1 max=1600c..., a-long-name"},
    {"pl/1", "model=a-very-long-name-of-a-model", NULL, 20,
	"pl/1, a-very-long..."},
    {NULL,
	"model=\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
	"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
	NULL, 20,
	"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4..."},
    {"", "", "", 80, ""},
    {" ", "  ", NULL, 80, ""},
};

static char *
own(const char *text)
{
	return text != NULL ? x_strdup(text) : NULL;
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct recipe_words w = {
		    own(rows[i].chunk), own(rows[i].embed), own(rows[i].model)};
		struct buf b = {0};

		buf_puts(&b, "");
		recipe_words_brief(&w, rows[i].most, &b);
		if (!tap(strcmp(b.data, rows[i].brief) == 0, "%zu: '%s'", i,
			rows[i].brief))
			printf("# got '%s'\n", b.data);
		buf_free(&b);
		recipe_words_free(&w);
	}
	return tap_done();
}
