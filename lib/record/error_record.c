#include "record/error_record.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "record/record.h"
#include "record/record_out.h"

static const char *const class_names[] = {
    "transient", "throttled", "quota", "input", "config", "internal"};

const char *error_record_class_name(enum error_class class)
{
	return class_names[class];
}

int
error_record_class_parse(const char *name)
{
	for (int i = ERROR_TRANSIENT; name != NULL && i <= ERROR_INTERNAL; i++)
		if (strcmp(class_names[i], name) == 0)
			return i;
	return -1;
}

/* s, or as much of it as fits in to, which has size bytes. */
static const char *
bounded(const char *s, char *to, size_t size)
{
	static const char ellipsis[] = "\xE2\x80\xA6";
	size_t n = s != NULL ? strnlen(s, size) : 0, kept;

	if (n < size)
		return s;
	kept = utf8_floor(s, n, size - sizeof(ellipsis));
	memcpy(to, s, kept);
	memcpy(to + kept, ellipsis, sizeof(ellipsis));
	return to;
}

void
error_record_bound(struct error_record *e, struct error_words *words)
{
	e->stage = bounded(e->stage, words->stage, sizeof(words->stage));
	e->code = bounded(e->code, words->code, sizeof(words->code));
	e->message =
	    bounded(e->message, words->message, sizeof(words->message));
}

static void
add_if(yyjson_mut_doc *doc, const char *key, const char *value)
{
	if (value != NULL)
		yyjson_mut_obj_add_str(
		    doc, yyjson_mut_doc_get_root(doc), key, value);
}

/* Add the members with which every form of an error begins. */
static void
add_error(yyjson_mut_doc *doc, const struct error_record *e)
{
	add_if(doc, "stage", e->stage);
	add_if(doc, "class", error_record_class_name(e->class));
	add_if(doc, "code", e->code);
	add_if(doc, "message", e->message);
}

static void
add_chunk(yyjson_mut_doc *doc, const struct error_record *e)
{
	if (e->chunk >= 0)
		yyjson_mut_obj_add_int(
		    doc, yyjson_mut_doc_get_root(doc), "chunk", e->chunk);
}

char *
error_record_json(const struct error_record *e, size_t *n)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	struct error_record own = *e;
	struct error_words words;
	struct buf json = {0};
	size_t len, first;
	int valid;
	char *text;

	error_record_bound(&own, &words);
	yyjson_mut_doc_set_root(doc, yyjson_mut_obj(doc));
	add_error(doc, &own);
	add_chunk(doc, e);
	text = record_out_json(doc, NULL, &len, &valid);
	utf8_repair(&json, text, len, &first);
	free(text);
	yyjson_mut_doc_free(doc);
	if (n != NULL)
		*n = json.len;
	return json.data;
}

int
error_record_put(struct record_out *out, const struct error_record *e)
{
	yyjson_mut_doc *doc = record_out_new(out, "error");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
	struct error_record own = *e;
	struct error_words words;

	error_record_bound(&own, &words);
	add_error(doc, &own);
	add_if(doc, "document_id", e->document_id);
	add_if(doc, "source", e->source);
	add_if(doc, "url", e->url);
	add_chunk(doc, e);
	if (e->line > 0)
		yyjson_mut_obj_add_uint(doc, root, "line", e->line);
	if (e->offset >= 0)
		yyjson_mut_obj_add_int(doc, root, "offset", e->offset);
	if (e->retry_after > 0)
		yyjson_mut_obj_add_real(
		    doc, root, "retry_after", e->retry_after);
	add_if(doc, "lease", e->lease);
	return record_out_put(out, doc);
}

void
error_record_get(yyjson_val *root, enum error_class fallback,
    struct error_record *e, struct error_words *words)
{
	int class = error_record_class_parse(record_str(root, "class", NULL));

	*e = (struct error_record){.stage = record_str(root, "stage", NULL),
	    .class = class == -1 ? fallback : (enum error_class) class,
	    .code = record_str(root, "code", NULL),
	    .message = record_str(root, "message", NULL),
	    .document_id = record_str(root, "document_id", NULL),
	    .source = record_str(root, "source", NULL),
	    .url = record_str(root, "url", NULL),
	    .chunk = record_int(root, "chunk", -1),
	    .line = (uint64_t)record_int(root, "line", 0),
	    .offset = record_int(root, "offset", -1),
	    .retry_after = yyjson_get_num(yyjson_obj_get(root, "retry_after")),
	    .lease = record_str(root, "lease", NULL)};
	error_record_bound(e, words);
}
