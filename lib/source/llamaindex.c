#include "source/llamaindex.h"

#include <yyjson.h>

#include "record/record.h"
#include "source/page.h"
#include "source/state.h"

int
llamaindex_is_docstore(yyjson_val *v)
{
	return yyjson_is_obj(yyjson_obj_get(v, "docstore/data"));
}

static void
read_node(struct source *s, yyjson_val *node)
{
	yyjson_val *data = yyjson_obj_get(node, "__data__");
	yyjson_doc *parsed = NULL;
	size_t repaired, at;
	const char *why;

	if (data == NULL)
		data = node;
	if (yyjson_is_str(data)) {
		parsed = record_parse(yyjson_get_str(data),
		    yyjson_get_len(data), &repaired, &at, &why, &at);
		if (parsed == NULL) {
			page_skip(s);
			page_fail(s, NULL, "bad_json",
			    "__data__ of a node does not parse: %s", why);
			return;
		}
		data = yyjson_doc_get_root(parsed);
	}
	if (llamaindex_is_docstore(data)) {
		page_skip(s);
		page_fail(s, NULL, "wrong_type", "a docstore in a docstore");
	} else {
		/* By the table: a node may be of any format. */
		s->read(s, data);
	}
	yyjson_doc_free(parsed);
}

void
llamaindex_read_docstore(struct source *s, yyjson_val *v)
{
	yyjson_obj_iter iter;
	yyjson_val *key;

	yyjson_obj_iter_init(yyjson_obj_get(v, "docstore/data"), &iter);
	while ((key = yyjson_obj_iter_next(&iter)) != NULL)
		read_node(s, yyjson_obj_iter_get_val(key));
}
