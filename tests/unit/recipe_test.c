/* recipe: what becomes of an end record */
#include "record/recipe.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "record/record_in.h"
#include "tap.h"

#define ADDED "\"embed\":\"m \\\"x\\\"\"},\"query\":{\"a\":1}}"

static const struct {
	const char *line, *want;
} cases[] = {
    {"{\"type\":\"end\"}", "{\"type\":\"end\",\"recipe\":{" ADDED},
    {"{\"recipe\":{\"chunk\":\"c\"},\"mine\":[1.5,null]}",
	"{\"mine\":[1.5,null],\"recipe\":{\"chunk\":\"c\"," ADDED},
    {"{\"recipe\":{\"embed\":\"old\",\"mine\":{}},\"query\":7,\"lease\":\"L\"}",
	"{\"lease\":\"L\",\"recipe\":{\"mine\":{}," ADDED},
    {"{\"recipe\":\"tea\"}", "{\"recipe\":{" ADDED},
    {"{\"recipe\":null,\"recipe\":{\"chunk\":\"second\"},\"query\":1,"
     "\"query\":2}",
	"{\"recipe\":{" ADDED},
};

int
main(void)
{
	struct buf embed = {0}, query = {0}, out = {0};

	recipe_put_chunk(&out, "pl/1 max=9c");
	tap(strcmp(out.data, ",\"recipe\":{\"chunk\":\"pl/1 max=9c\"}") == 0,
	    "the first part: %s", out.data);
	buf_puts(&embed, "m \"x\"");
	buf_puts(&query, "{\"a\":1}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct record r = {.line = cases[i].line};
		yyjson_doc *doc;

		r.len = strlen(r.line);
		doc = yyjson_read(r.line, r.len, 0);
		r.root = yyjson_doc_get_root(doc);
		buf_reset(&out, 1 << 16);
		recipe_put_embedded(&out, &r, &embed, &query);
		tap(strcmp(out.data, cases[i].want) == 0, "case %zu: %s", i,
		    out.data);
		yyjson_doc_free(doc);
	}
	buf_free(&embed);
	buf_free(&query);
	buf_free(&out);
	return tap_done();
}
