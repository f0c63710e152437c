/* chunk_recipe: the line of a chunker's settings, and which of them it has */
#include "chunk/chunk_recipe.h"

#include <stdio.h>
#include <string.h>

#include "chunk/chunk.h"
#include "record/recipe.h"
#include "tap.h"
#include "token_vocabulary.h"

enum { BIG = 1 << 23 };

static const struct {
	struct chunk_options options;
	int vocabulary;
	const char *line;
} cases[] = {
    {{.unit = CHUNK_CHARS, .max = 1600}, 0,
	"pl/1 max=1600c target=1000c overlap=0 context=on"},
    {{.unit = CHUNK_CHARS, .max = 1600, .target = 1000}, 0,
	"pl/1 max=1600c target=1000c overlap=0 context=on"},
    {{.unit = CHUNK_BYTES, .max = 801, .target = 700, .overlap = 60}, 0,
	"pl/1 max=801b target=700b overlap=60b context=on"},
    {{.unit = CHUNK_BYTES, .max = 801}, 0,
	"pl/1 max=801b target=501b overlap=0 context=on"},
    {{.unit = CHUNK_TOKENS, .max = 400, .estimate = 1}, 0,
	"pl/1 max=400t target=250t overlap=0 context=on tokenizer=estimate"},
    {{.unit = CHUNK_TOKENS, .max = 400}, 1,
	"pl/1 max=400t target=250t overlap=0 context=on tokenizer=sha256:HASH"},
    {{.unit = CHUNK_CHARS, .max = 1600, .plain = 1}, 0,
	"pl/1 max=1600c target=1000c overlap=0 context=on text=plain"},
    /* Tokens are only counted: the texts are the same. */
    {{.unit = CHUNK_CHARS, .max = 1600, .estimate = 1}, 0,
	"pl/1 max=1600c target=1000c overlap=0 context=on"},
    {{.unit = CHUNK_CHARS, .max = 1600}, 1,
	"pl/1 max=1600c target=1000c overlap=0 context=on"},
};

static void
line_of(struct buf *b, struct chunk_options o, const struct token_vocabulary *v,
    const char *hash)
{
	struct chunker *c;

	o.vocabulary = v;
	c = chunk_new(&o);
	buf_reset(b, 1 << 16);
	chunk_recipe_put(b, c, v != NULL ? hash : NULL);
	chunk_free(c);
}

int
main(void)
{
	static const char hash[] = "0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef";
	struct token_vocabulary *v = make_vocabulary(20);
	struct buf line = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		line_of(&line, cases[i].options, cases[i].vocabulary ? v : NULL,
		    "HASH");
		tap(strcmp(line.data, cases[i].line) == 0, "case %zu: %s", i,
		    line.data);
	}
	line_of(&line,
	    (struct chunk_options){.unit = CHUNK_TOKENS,
		.max = BIG,
		.target = BIG,
		.overlap = BIG / 2,
		.plain = 1},
	    v, hash);
	tap(line.len <= RECIPE_PART_MAX, "the longest has %zu bytes", line.len);
	token_vocabulary_free(v);
	buf_free(&line);
	return tap_done();
}
