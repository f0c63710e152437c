#include "pass.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "ingest.h"
#include "listing.h"
#include "record/document.h"
#include "record/record.h"
#include "record/record_out.h"
#include "report.h"
#include "source/source.h"
#include "tool/output.h"

/* The key that makes an object with this type a record of pl. */
static const char *const needs[RECORD_FOREIGN] = {
    [RECORD_CHUNK] = "document_id",
    [RECORD_END] = "document_id",
    [RECORD_STORED] = "document_id",
    [RECORD_ERROR] = "stage",
    [RECORD_JOB] = "status",
    [RECORD_WAITING] = "document_id",
    [RECORD_LISTING] = "source",
    [RECORD_DELETED] = "url",
    [RECORD_CRAWL] = "id"};

/*
 * Pass a record on: its own text if that is clean and one line, else rewritten.
 */
static void
pass(struct ingest *in, yyjson_val *root, const char *text, size_t n,
    size_t repaired)
{
	char *line;

	/* With an @, a URL may have had a password. */
	if (repaired == 0 && memchr(text, '\n', n) == NULL &&
	    memchr(text, '@', n) == NULL) {
		output_check(record_out_pass(in->out, text, n));
		return;
	}
	line = yyjson_val_write(root, 0, &n);
	output_check(record_out_pass(in->out, line, n));
	free(line);
}

/* Pass on what became of a page or a crawl, with the name of the source. */
static void
pass_with_source(struct ingest *in, yyjson_val *root, const char *text,
    size_t n, size_t repaired)
{
	const char *name = in->options.source_name;
	yyjson_mut_doc *doc;
	yyjson_mut_val *copy;
	char *line;

	if (name == NULL && record_str(root, "source", NULL) != NULL) {
		pass(in, root, text, n, repaired);
		return;
	}
	doc = yyjson_mut_doc_new(NULL);
	copy = yyjson_val_mut_copy(doc, root);
	yyjson_mut_obj_remove_key(copy, "source");
	yyjson_mut_obj_add_str(
	    doc, copy, "source", name != NULL ? name : DOCUMENT_SOURCE);
	line = yyjson_mut_val_write(copy, 0, &n);
	output_check(record_out_pass(in->out, line, n));
	free(line);
	yyjson_mut_doc_free(doc);
}

static void
refuse(struct ingest *in, const char *type, const char *key)
{
	source_skip(in->source);
	ingest_report_refusal(in, "wrong_type", -1, 0,
	    "a record '%s' needs a string as %s", type, key);
}

int
ingest_pass(struct ingest *in, yyjson_val *root, const char *text, size_t n,
    size_t repaired)
{
	enum record_type type = record_type_of(root);
	const char *need = type < RECORD_FOREIGN ? needs[type] : NULL;
	const char *value = need ? record_str(root, need, NULL) : NULL;

	if (need == NULL)
		return 0;
	if (type == RECORD_DELETED || type == RECORD_CRAWL) {
		if (value == NULL || *value == '\0')
			refuse(in, record_str(root, "type", NULL), need);
		else
			pass_with_source(in, root, text, n, repaired);
		return 1;
	}
	if (value == NULL)
		return 0;
	if (type == RECORD_LISTING) {
		ingest_listing_take(in, root);
		return 1;
	}
	/* An earlier program could not read all. */
	if (type == RECORD_ERROR && record_str(root, "url", NULL) == NULL)
		ingest_listing_lacks(in);
	in->listing.pages += type == RECORD_ERROR;
	pass(in, root, text, n, repaired);
	return 1;
}
