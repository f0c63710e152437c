/* embed_recipe: the line of what decides vectors, and the object for queries */
#include "embed/embed_recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "record/recipe.h"
#include "tap.h"

static const struct {
	struct embed_recipe recipe;
	const char *body;
	const char *line, *query;
} cases[] = {
    {{.provider = "hash", .model = "hash-512-v1"}, NULL,
	"model=hash-512-v1 role=document",
	"{\"provider\":\"hash\",\"model\":\"hash-512-v1\",\"role\":\"query\"}"},
    {{.provider = "hash", .model = "m", .prefix = "", .query_prefix = ""}, "{}",
	"model=m role=document",
	"{\"provider\":\"hash\",\"model\":\"m\",\"role\":\"query\"}"},
    {{.provider = "openai",
	 .model = "org/e5:v2",
	 .dimensions = 256,
	 .prefix = "passage: \"\n",
	 .query_prefix = "query: "},
	NULL,
	"model=org/e5:v2 role=document dimensions=256 "
	"prefix=\"passage: \\\"\\n\"",
	"{\"provider\":\"openai\",\"model\":\"org/e5:v2\",\"dimensions\":256,"
	"\"role\":\"query\",\"prefix\":\"query: \"}"},
    {{.provider = "openai", .model = "my \"model"},
	"{\"z\":1.50,\"a\":[{\"y\":null,\"x\":\"\\u00e9\"},true]}",
	"model=\"my \\\"model\" role=document "
	"body={\"a\":[{\"x\":\"\xc3\xa9\",\"y\":null},true],\"z\":1.5}",
	"{\"provider\":\"openai\",\"model\":\"my \\\"model\","
	"\"role\":\"query\"}"},
    {{.provider = "openai", .model = "m"},
	"{\"a\":[{\"x\":\"\xc3\xa9\",\"y\":null},true],\"z\":1.5}",
	"model=m role=document "
	"body={\"a\":[{\"x\":\"\xc3\xa9\",\"y\":null},true],\"z\":1.5}",
	"{\"provider\":\"openai\",\"model\":\"m\",\"role\":\"query\"}"},
};

static void
test_cases(void)
{
	struct buf line = {0}, query = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct embed_recipe r = cases[i].recipe;
		const char *body = cases[i].body;
		yyjson_doc *doc =
		    body != NULL ? yyjson_read(body, strlen(body), 0) : NULL;

		r.body = yyjson_doc_get_root(doc);
		buf_reset(&line, 1 << 16);
		buf_reset(&query, 1 << 16);
		embed_recipe_put(&line, &r);
		embed_recipe_put_query(&query, &r);
		tap(strcmp(line.data, cases[i].line) == 0, "case %zu: %s", i,
		    line.data);
		tap(strcmp(query.data, cases[i].query) == 0,
		    "query of case %zu: %s", i, query.data);
		yyjson_doc_free(doc);
	}
	buf_free(&line);
	buf_free(&query);
}

/* A line with a prefix of n times a letter; the caller frees it. */
static char *
line_with(size_t n, char letter, const char *body)
{
	char *prefix = x_calloc(n + 1, 1);
	struct embed_recipe r = {.model = "m", .prefix = prefix};
	yyjson_doc *doc = yyjson_read(body, strlen(body), 0);
	struct buf line = {0};

	memset(prefix, letter, n);
	r.body = yyjson_doc_get_root(doc);
	embed_recipe_put(&line, &r);
	yyjson_doc_free(doc);
	free(prefix);
	return line.data;
}

static void
test_long(void)
{
	/* "model=m role=document prefix=" and two quotes. */
	const size_t fits = RECIPE_PART_MAX - 29 - 2;
	char *whole = line_with(fits, 'a', "{}");
	char *hashed = line_with(fits + 1, 'a', "{}");
	char *other = line_with(fits + 1, 'b', "{}");
	char *with_body = line_with(fits - 100, 'a',
	    "{\"instruction\":\"more than a hash has, which is seventy-one "
	    "bytes, so that it is worth it to write the hash instead\"}");

	tap(strlen(whole) == RECIPE_PART_MAX, "it fits: %zu", strlen(whole));
	tap(strstr(whole, "sha256") == NULL, "and stands as it is");
	tap(strncmp(hashed, "model=m role=document prefix=sha256:", 36) == 0,
	    "a longer one stands by its hash: %s", hashed);
	tap(strlen(hashed) == 36 + 64, "which has 64 digits");
	tap(strcmp(hashed, other) != 0, "another text has another hash");
	tap(strlen(with_body) <= RECIPE_PART_MAX &&
		strstr(with_body, "prefix=\"aaa") != NULL &&
		strstr(with_body, "body=sha256:") != NULL,
	    "the last word gives way first: %s", with_body);
	free(whole);
	free(hashed);
	free(other);
	free(with_body);
}

int
main(void)
{
	test_cases();
	test_long();
	return tap_done();
}
