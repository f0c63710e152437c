/* Print a JSON object: as a record, or as lines for people. */
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/utf8.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record.h"
#include "record/record_out.h"
#include "show.h"
#include "tool/table.h"

enum { LABEL = 20 };

/* The body as a member: in base64 if it is no text. */
static void
add_body(
    yyjson_mut_doc *doc, yyjson_mut_val *object, const char *body, size_t n)
{
	struct buf text = {0};
	const char *key = "body";

	if (utf8_valid(body, n) == n && memchr(body, '\0', n) == NULL) {
		buf_add(&text, body, n);
	} else {
		key = "body_base64";
		encode_base64(&text, body, n);
	}
	yyjson_mut_obj_add(object, yyjson_mut_str(doc, key),
	    yyjson_mut_strncpy(doc, text.data ? text.data : "", text.len));
	buf_free(&text);
}

static void
put_record(struct jobctl *c, const char *type, yyjson_mut_val *object)
{
	yyjson_mut_doc *doc = record_out_new(c->out, type);
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc), *key, *copy;
	yyjson_mut_obj_iter iter;

	yyjson_mut_obj_iter_init(object, &iter);
	while ((key = yyjson_mut_obj_iter_next(&iter)) != NULL) {
		copy = yyjson_mut_val_mut_copy(
		    doc, yyjson_mut_obj_iter_get_val(key));
		yyjson_mut_obj_add(
		    root, yyjson_mut_val_mut_copy(doc, key), copy);
	}
	record_out_put(c->out, doc);
}

/* A line for each member that says something. A list has a table of its own. */
static void
print_lines(struct jobctl *c, yyjson_mut_val *object)
{
	struct buf text = {0};
	yyjson_mut_obj_iter iter;
	yyjson_mut_val *key, *v;

	yyjson_mut_obj_iter_init(object, &iter);
	while ((key = yyjson_mut_obj_iter_next(&iter)) != NULL) {
		char *json = NULL;
		const char *shown, *name = yyjson_mut_get_str(key);

		v = yyjson_mut_obj_iter_get_val(key);
		if (name == NULL || yyjson_mut_is_null(v) ||
		    yyjson_mut_is_arr(v))
			continue;
		if (!yyjson_mut_is_str(v))
			json = yyjson_mut_val_write(v, 0, NULL);
		shown = json ? json : yyjson_mut_get_str(v);
		buf_printf(&text, "%-*s ", LABEL - 1, name);
		table_wrap(&text, shown ? shown : "", LABEL, jobctl_width());
		buf_putc(&text, '\n');
		free(json);
	}
	jobctl_print(c, &text);
	buf_free(&text);
}

void
jobctl_print_object(struct jobctl *c, const char *type, const char *json,
    const struct db_result *body)
{
	yyjson_doc *read = yyjson_read(json, strlen(json), 0);
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *object =
	    yyjson_val_mut_copy(doc, yyjson_doc_get_root(read));

	if (body != NULL && db_rows(body) > 0)
		add_body(
		    doc, object, db_text(body, 0, 0), db_length(body, 0, 0));
	if (jobctl_wants_table(c))
		print_lines(c, object);
	else
		put_record(c, type, object);
	yyjson_mut_doc_free(doc);
	yyjson_doc_free(read);
}
