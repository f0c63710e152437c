#include "record/waiting_record.h"

#include <stddef.h>
#include <yyjson.h>

#include "record/record_out.h"

int
waiting_record_put(
    struct record_out *out, const char *document_id, const char *lease)
{
	yyjson_mut_doc *doc;
	yyjson_mut_val *root;

	if (document_id == NULL || lease == NULL)
		return 0;
	doc = record_out_new(out, "waiting");
	root = yyjson_mut_doc_get_root(doc);
	yyjson_mut_obj_add_str(doc, root, "document_id", document_id);
	yyjson_mut_obj_add_int(doc, root, "seconds", WAITING_RECORD_SECONDS);
	yyjson_mut_obj_add_str(doc, root, "lease", lease);
	if (record_out_put(out, doc) == -1)
		return -1;
	return record_out_flush(out);
}
