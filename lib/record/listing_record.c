#include "record/listing_record.h"

#include <yyjson.h>

#include "record/record.h"
#include "record/record_out.h"

int
listing_record_put(struct record_out *out, const struct listing_record *l)
{
	yyjson_mut_doc *doc = record_out_new(out, "listing");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_strn(doc, root, "source", l->source, l->source_len);
	yyjson_mut_obj_add_bool(doc, root, "complete", l->is_complete);
	yyjson_mut_obj_add_int(doc, root, "documents", l->documents);
	return record_out_put(out, doc);
}

struct listing_record
listing_record_get(yyjson_val *root)
{
	struct listing_record l = {
	    .documents = record_int(root, "documents", -1)};

	l.source = record_str(root, "source", &l.source_len);
	l.is_complete = yyjson_is_true(yyjson_obj_get(root, "complete")) &&
			l.source != NULL && l.documents >= 0;
	return l;
}
