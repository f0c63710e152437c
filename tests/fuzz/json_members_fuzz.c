/*
 * json_members: a line read without a tree gives the same as with a tree. The
 * first byte chooses whether the rest is a line or the content of a document.
 */
#include "record/json_members.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "record/document.h"
#include "record/json_write.h"
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(int cond)
{
	if (!cond)
		abort();
}

static yyjson_doc *
parse(const struct buf *line)
{
	size_t repaired, first, at;
	const char *why;
	yyjson_doc *doc =
	    record_parse(line->data, line->len, &repaired, &first, &why, &at);

	must(doc != NULL && repaired == 0);
	return doc;
}

/* The members by json_members are those of the tree, in order. */
static void
check_members(const struct buf *line)
{
	struct buf unpacked = {0};
	struct json_members s;
	struct json_members_member m;
	yyjson_doc *doc;
	yyjson_obj_iter iter;
	int status;

	json_members_start(&s, line->data, line->len, &unpacked);
	while ((status = json_members_next(&s, &m)) == 1)
		;
	if (status == 0) {
		doc = parse(line);
		must(yyjson_is_obj(yyjson_doc_get_root(doc)));
		yyjson_obj_iter_init(yyjson_doc_get_root(doc), &iter);
		json_members_start(&s, line->data, line->len, &unpacked);
		while (json_members_next(&s, &m) == 1) {
			yyjson_val *k = yyjson_obj_iter_next(&iter);
			yyjson_val *v = yyjson_obj_iter_get_val(k);

			must(yyjson_equals_strn(k, m.key, m.key_n));
			must(yyjson_is_str(v) == (m.s != NULL));
			must(m.s == NULL || (yyjson_equals_strn(v, m.s, m.n) &&
						m.s[m.n] == '\0'));
		}
		must(yyjson_obj_iter_next(&iter) == NULL);
		yyjson_doc_free(doc);
	}
	buf_free(&unpacked);
}

static void
same(struct document_text a, struct document_text b)
{
	must((a.s == NULL) == (b.s == NULL) && a.n == b.n);
	must(a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

/* A document is the same from a line and from a tree. */
static void
check_document(const struct buf *line, int trust)
{
	const struct document_defaults defaults = {
	    .trust_hash = trust, .position = "stdin:1"};
	struct buf unpacked = {0}, written = {0};
	struct document quick, d;
	yyjson_doc *doc;
	const char *why;

	if (document_read_line(
		&quick, line->data, line->len, &defaults, &unpacked)) {
		doc = parse(line);
		must(
		    record_type_of(yyjson_doc_get_root(doc)) ==
			RECORD_DOCUMENT ||
		    record_type_of(yyjson_doc_get_root(doc)) == RECORD_UNTYPED);
		must(document_read(
			 &d, yyjson_doc_get_root(doc), &defaults, &why) == 0);
		same(quick.source, d.source);
		same(quick.url, d.url);
		same(quick.title, d.title);
		same(quick.content, d.content);
		same(quick.content_type, d.content_type);
		same(quick.lease, d.lease);
		must(strcmp(quick.id, d.id) == 0);
		must(strcmp(quick.content_hash, d.content_hash) == 0);
		if (quick.raw_content.s != NULL) {
			json_string(&written, d.content.s, d.content.n);
			must(written.len == quick.raw_content.n + 2);
			must(memcmp(written.data + 1, quick.raw_content.s,
				 quick.raw_content.n) == 0);
			must(json_escapes(d.content.s, d.content.n) ==
			     quick.raw_content.n - d.content.n);
		}
		yyjson_doc_free(doc);
	}
	buf_free(&unpacked);
	buf_free(&written);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char space[64] =
	    "                                                                ";
	struct buf line = {0};

	if (n == 0)
		return 0;
	if (data[0] & 1) {
		buf_puts(
		    &line, data[0] >> 3 & 1 ? "{" : "{\"type\":\"document\",");
		buf_puts(&line, "\"url\":\"u\",\"content\":\"");
		buf_add(&line, space, data[0] >> 2);
		buf_add(&line, data + 1, n - 1);
		buf_puts(&line, "\"}");
	} else {
		buf_add(&line, data + 1, n - 1);
	}
	/* Longer lines are read by blocks. */
	for (int i = 0; i < 3; i++)
		buf_add(&line, space, data[0] & 2 ? sizeof(space) : 0);
	check_members(&line);
	check_document(&line, data[0] >> 2 & 1);
	buf_free(&line);
	return 0;
}
