#include "store/document_load.h"

#include <stdlib.h>
#include <yyjson.h>

#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_document_load.h"

enum { LOAD_ID, LOAD_FIRST_TEXT, LOAD_METADATA = 8 };

static char *
saved_line(const struct db_result *r, int row, size_t *n)
{
	static const char *const keys[] = {NULL, "id", "source", "url", "title",
	    "content", "content_type", "content_hash"};
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	char *line;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "type", "document");
	for (int i = LOAD_FIRST_TEXT; i < LOAD_METADATA; i++)
		if (!db_is_null(r, row, i))
			yyjson_mut_obj_add_strn(doc, root, keys[i],
			    db_text(r, row, i), db_length(r, row, i));
	/* Binary jsonb: a version byte, then the text. */
	yyjson_mut_obj_add_val(doc, root, "metadata",
	    yyjson_mut_rawn(doc, db_text(r, row, LOAD_METADATA) + 1,
		db_length(r, row, LOAD_METADATA) - 1));
	line = yyjson_mut_write(doc, 0, n);
	yyjson_mut_doc_free(doc);
	return line;
}

int
document_load(struct db *db, const uint8_t *ids, size_t n,
    void (*got)(
	void *argument, const uint8_t *id, const char *line, size_t len),
    void *argument)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuids(&a, ids, n);
	r = db_run_binary(db, sql_load, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	for (int row = 0; row < db_rows(r); row++) {
		size_t len = 0;
		char *line = saved_line(r, row, &len);

		if (line != NULL)
			got(argument, (const uint8_t *)db_text(r, row, LOAD_ID),
			    line, len);
		free(line);
	}
	db_result_free(r);
	return 0;
}
