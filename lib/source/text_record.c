#include "source/text_record.h"

#include <stdio.h>
#include <yyjson.h>

#include "record/record.h"
#include "source/page.h"
#include "source/state.h"

int
text_record_is_document(yyjson_val *v)
{
	return record_type_of(v) == RECORD_DOCUMENT;
}

static int
has_str(yyjson_val *v, const char *key)
{
	return yyjson_is_str(yyjson_obj_get(v, key));
}

int
text_record_is_langchain_dumps(yyjson_val *v)
{
	return yyjson_obj_get(v, "lc") != NULL &&
	       yyjson_is_obj(yyjson_obj_get(v, "kwargs"));
}

int
text_record_is_langchain(yyjson_val *v)
{
	return has_str(v, "page_content") || has_str(v, "pageContent");
}

int
text_record_is_llamaindex(yyjson_val *v)
{
	return has_str(v, "id_") && has_str(v, "class_name");
}

int
text_record_is_object(yyjson_val *v)
{
	return yyjson_is_obj(v);
}

/*
 * Write a text that distinguishes the pieces of one document: an id, a page
 * number, else the number of the record.
 */
static void
name_piece(struct source *s, yyjson_val *v, char out[static 64])
{
	yyjson_val *metadata, *kwargs = yyjson_obj_get(v, "kwargs");
	struct document_text id;

	if (text_record_is_langchain_dumps(v))
		v = kwargs;
	id = page_member(v, "id");
	if (id.n == 0)
		id = page_member(v, "id_");
	metadata = yyjson_obj_get(v, "metadata");
	if (id.n > 0 && id.n < 64)
		snprintf(out, 64, "%.*s", (int)id.n, id.s);
	else if (yyjson_is_int(yyjson_obj_get(metadata, "page")))
		snprintf(out, 64, "page=%lld",
		    (long long)record_int(metadata, "page", 0));
	else
		snprintf(out, 64, "%llu", (unsigned long long)s->number);
}

void
text_record_read_piece(struct source *s, yyjson_val *v)
{
	struct document_defaults defaults = page_next(s);
	struct document d;
	const char *why;
	char piece[64];

	if (document_read(&d, v, &defaults, &why) == -1) {
		page_fail(s, &d, d.code, "%s", why);
		return;
	}
	name_piece(s, v, piece);
	page_give_piece(s, &d, piece);
}

void
text_record_read(struct source *s, yyjson_val *v)
{
	struct document_defaults defaults = page_next(s);
	struct document d;
	const char *why;
	yyjson_val *id = yyjson_obj_get(v, "id");
	char number[24];

	if (document_read(&d, v, &defaults, &why) == -1) {
		page_fail(s, &d, d.code, "%s", why);
		return;
	}
	/* Rows of a table often have a number as id. */
	if (d.url.s == defaults.position && yyjson_is_int(id)) {
		snprintf(number, sizeof(number), "%lld",
		    (long long)yyjson_get_sint(id));
		d.url = document_text(number);
		document_identify(&d);
	}
	page_give(s, &d);
}
