#include "source/unstructured.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "record/record.h"
#include "source/page.h"
#include "source/state.h"

enum { INDENT_MAX = 5 };

/* The elements of the open file. */
struct unstructured {
	int open;
	struct buf file; /* metadata of the file */
	struct buf url, title, text;
	struct buf object; /* JSON of the file's record */
};

int
unstructured_is_element(yyjson_val *v)
{
	return yyjson_is_str(yyjson_obj_get(v, "type")) &&
	       yyjson_is_str(yyjson_obj_get(v, "element_id")) &&
	       yyjson_is_str(yyjson_obj_get(v, "text"));
}

/* Keep the metadata that belongs to the file, not only to the element. */
static void
describe_file(struct unstructured *e, yyjson_val *metadata)
{
	static const char *const keys[] = {"filename", "file_directory",
	    "filetype", "languages", "last_modified", "data_source", NULL};
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_val *to = yyjson_mut_obj(doc);
	size_t n;
	char *text;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_val(doc, root, "metadata", to);
	for (const char *const *key = keys; *key != NULL; key++) {
		yyjson_val *v = yyjson_obj_get(metadata, *key);

		if (v != NULL)
			yyjson_mut_obj_add_val(
			    doc, to, *key, yyjson_val_mut_copy(doc, v));
	}
	text = yyjson_mut_write(doc, 0, &n);
	buf_reset(&e->object, 4096);
	buf_add(&e->object, text, n);
	free(text);
	yyjson_mut_doc_free(doc);
}

static struct document_text
url_of(yyjson_val *metadata)
{
	struct document_text t = page_member(metadata, "url");

	if (t.n == 0)
		t = page_member(yyjson_obj_get(metadata, "data_source"), "url");
	return t;
}

/*
 * Whether an element begins another file, by the file's name. An element
 * without a name belongs to the file of the element before it.
 */
static int
is_other_file(const struct unstructured *e, yyjson_val *metadata)
{
	struct document_text file = page_member(metadata, "filename");

	return file.n > 0 && e->file.len > 0 &&
	       (file.n != e->file.len ||
		   memcmp(file.s, e->file.data, file.n) != 0);
}

static void
open_file(struct source *s, yyjson_val *metadata)
{
	struct unstructured *e = s->elements;

	if (e == NULL)
		e = s->elements = x_calloc(1, sizeof(*e));
	if (e->open && is_other_file(e, metadata))
		unstructured_close(s);
	if (!e->open) {
		e->open = 1;
		buf_reset(&e->file, 4096);
		buf_reset(&e->url, 4096);
		buf_reset(&e->title, 4096);
		buf_reset(&e->text, 1 << 20);
		describe_file(e, metadata);
	}
	if (e->file.len == 0) {
		struct document_text file = page_member(metadata, "filename");

		buf_add(&e->file, file.s, file.n);
	}
	if (e->url.len == 0) {
		struct document_text url = url_of(metadata);

		buf_add(&e->url, url.s, url.n);
	}
}

/* Append text as one line. */
static void
add_line(struct buf *b, struct document_text t)
{
	for (size_t i = 0; i < t.n; i++)
		buf_putc(b, t.s[i] == '\n' || t.s[i] == '\r' ? ' ' : t.s[i]);
}

static void
add_fence(struct buf *b, struct document_text code)
{
	size_t longest = 2, run = 0;

	for (size_t i = 0; i < code.n; i++) {
		run = code.s[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		buf_putc(b, '`');
	buf_putc(b, '\n');
	buf_add(b, code.s, code.n);
	buf_putc(b, '\n');
	for (size_t i = 0; i <= longest; i++)
		buf_putc(b, '`');
}

static int
is_one_of(struct document_text t, const char *const *names)
{
	for (; *names != NULL; names++)
		if (t.n == strlen(*names) && memcmp(t.s, *names, t.n) == 0)
			return 1;
	return 0;
}

static void
add_element(struct unstructured *e, struct document_text type,
    struct document_text text, yyjson_val *metadata)
{
	static const char *const titles[] = {"Title", NULL};
	static const char *const items[] = {"ListItem", NULL};
	static const char *const tables[] = {"Table", NULL};
	static const char *const code[] = {"CodeSnippet", NULL};
	int64_t depth = record_int(metadata, "category_depth", 0);
	struct document_text html = page_member(metadata, "text_as_html");

	if (depth < 0 || depth > INDENT_MAX)
		depth = depth < 0 ? 0 : INDENT_MAX;
	if (e->text.len > 0)
		buf_puts(&e->text, "\n\n");
	if (is_one_of(type, titles)) {
		if (e->title.len == 0)
			add_line(&e->title, text);
		for (int64_t i = 0; i <= depth; i++)
			buf_putc(&e->text, '#');
		buf_putc(&e->text, ' ');
		add_line(&e->text, text);
	} else if (is_one_of(type, items)) {
		for (int64_t i = 0; i < depth; i++)
			buf_puts(&e->text, "  ");
		buf_puts(&e->text, "- ");
		add_line(&e->text, text);
	} else if (is_one_of(type, tables) && html.n > 0) {
		buf_add(&e->text, html.s, html.n);
	} else if (is_one_of(type, code)) {
		add_fence(&e->text, text);
	} else {
		buf_add(&e->text, text.s, text.n);
	}
}

void
unstructured_read_element(struct source *s, yyjson_val *v)
{
	static const char *const dropped[] = {
	    "PageBreak", "PageNumber", "Header", "Footer", NULL};
	yyjson_val *metadata = yyjson_obj_get(v, "metadata");
	struct document_text type = page_member(v, "type");
	struct document_text text = page_member(v, "text");

	open_file(s, metadata);
	if (!is_one_of(type, dropped) && text.n > 0)
		add_element(s->elements, type, text, metadata);
}

void
unstructured_close(struct source *s)
{
	struct unstructured *e = s->elements;
	struct document_defaults defaults;
	struct document d = {0};
	yyjson_doc *object;

	if (e == NULL || !e->open)
		return;
	e->open = 0;
	defaults = page_next(s);
	object = yyjson_read(
	    e->object.data, e->object.len, YYJSON_READ_BIGNUM_AS_RAW);
	d.object = yyjson_doc_get_root(object);
	d.metadata = yyjson_obj_get(d.object, "metadata");
	d.source = document_text(defaults.source);
	d.content = (struct document_text){
	    e->text.data ? e->text.data : "", e->text.len};
	d.content_type = document_text("text/markdown");
	if (e->title.len > 0)
		d.title = (struct document_text){e->title.data, e->title.len};
	if (e->url.len > 0)
		d.url = (struct document_text){e->url.data, e->url.len};
	else if (e->file.len > 0)
		d.url = (struct document_text){e->file.data, e->file.len};
	else
		d.url = document_text(defaults.position);
	document_identify(&d);
	page_give(s, &d);
	yyjson_doc_free(object);
}

void
unstructured_free(struct source *s)
{
	struct unstructured *e = s->elements;

	if (e == NULL)
		return;
	buf_free(&e->file);
	buf_free(&e->url);
	buf_free(&e->title);
	buf_free(&e->text);
	buf_free(&e->object);
	free(e);
}
