#include "record/recipe.h"

#include <stdlib.h>

#include "base/buf.h"
#include "record/json_write.h"
#include "record/record_in.h"
#include "record/record_out.h"

void
recipe_put_chunk(struct buf *b, const char *chunk)
{
	json_key(b, "recipe");
	buf_puts(b, "{\"chunk\":\"");
	buf_puts(b, chunk);
	buf_puts(b, "\"}");
}

void
recipe_put_embedded(struct buf *b, const struct record *r,
    const struct buf *embed, const struct buf *query)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *copy = yyjson_val_mut_copy(doc, r->root);
	yyjson_mut_val *recipe = yyjson_mut_obj_remove_key(copy, "recipe");
	size_t n;
	int valid;
	char *text;

	if (!yyjson_mut_is_obj(recipe))
		recipe = yyjson_mut_obj(doc);
	yyjson_mut_obj_remove_key(recipe, "embed");
	yyjson_mut_obj_add_strn(doc, recipe, "embed", embed->data, embed->len);
	yyjson_mut_obj_add_val(doc, copy, "recipe", recipe);
	yyjson_mut_obj_remove_key(copy, "query");
	yyjson_mut_obj_add_val(
	    doc, copy, "query", yyjson_mut_rawn(doc, query->data, query->len));
	yyjson_mut_doc_set_root(doc, copy);
	text = record_out_json(doc, NULL, &n, &valid);
	buf_add(b, text, n);
	free(text);
	yyjson_mut_doc_free(doc);
}
