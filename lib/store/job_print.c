#include "store/job_print.h"

#include <yyjson.h>

#include "net/db.h"
#include "net/db_result.h"
#include "record/record.h"
#include "record/record_out.h"
#include "store/job_find.h"

static void
add_text(yyjson_mut_doc *doc, const char *key, const struct db_result *r,
    int row, int column)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	if (db_is_null(r, row, column))
		yyjson_mut_obj_add_null(doc, root, key);
	else
		yyjson_mut_obj_add_strcpy(
		    doc, root, key, db_text(r, row, column));
}

static void
add_json(yyjson_mut_doc *doc, const char *key, const struct db_result *r,
    int row, int column)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
	yyjson_doc *value =
	    yyjson_read(db_text(r, row, column), db_length(r, row, column), 0);

	if (value == NULL)
		yyjson_mut_obj_add_null(doc, root, key);
	else
		yyjson_mut_obj_add_val(doc, root, key,
		    yyjson_val_mut_copy(doc, yyjson_doc_get_root(value)));
	yyjson_doc_free(value);
}

int
job_put(struct record_out *out, const struct db_result *r, int row)
{
	static const struct {
		const char *key;
		enum job_column column;
	} counts[] = {{"documents", JOB_DOCUMENTS}, {"stored", JOB_STORED},
	    {"incomplete", JOB_INCOMPLETE}, {"unchanged", JOB_UNCHANGED},
	    {"failed", JOB_FAILED}, {"canceled", JOB_CANCELED},
	    {"waiting", JOB_WAITING}, {"in_flight", JOB_IN_FLIGHT},
	    {"tasks", JOB_TASKS}};
	yyjson_mut_doc *doc = record_out_new(out, "job");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	add_text(doc, "id", r, row, JOB_ID);
	add_text(doc, "source", r, row, JOB_SOURCE);
	add_text(doc, "collection", r, row, JOB_COLLECTION);
	add_text(doc, "status", r, row, JOB_STATUS);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		yyjson_mut_obj_add_int(doc, root, counts[i].key,
		    db_int(r, row, (int)counts[i].column));
	yyjson_mut_obj_add_int(doc, root, "chunks", db_int(r, row, JOB_CHUNKS));
	add_json(doc, "error", r, row, JOB_ERROR);
	add_json(doc, "details", r, row, JOB_DETAILS);
	add_text(doc, "created_at", r, row, JOB_CREATED_AT);
	add_text(doc, "started_at", r, row, JOB_STARTED_AT);
	add_text(doc, "finished_at", r, row, JOB_FINISHED_AT);
	/* "type" is the type of the record, so the job's is "job_type". */
	add_text(doc, "job_type", r, row, JOB_TYPE);
	add_text(doc, "unique_key", r, row, JOB_UNIQUE_KEY);
	yyjson_mut_obj_add_bool(
	    doc, root, "sealed", db_bool(r, row, JOB_SEALED));
	return record_out_put(out, doc);
}
