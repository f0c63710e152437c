/*
 * document: fields of records of every form, ids, metadata
 */
#include "record/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/buf.h"
#include "record/document_size.h"
#include "record/record_out.h"
#include "tap.h"

/* source|url|title|content|content_type, or the code of a refusal and url. */
static const struct {
	const char *name, *json, *fields, *metadata;
} cases[] = {
    {"our own record",
	"{\"type\":\"document\",\"source\":\"s\",\"url\":\"u\",\"title\":\"t\","
	"\"content\":\"c\",\"content_type\":\"text/html\",\"content_hash\":"
	"\"x\",\"metadata\":{\"a\":1},\"b\":2,\"lease\":\"l\"}",
	"s|u|t|c|text/html", "{\"a\":1,\"b\":2}"},
    {"our own with nulls",
	"{\"type\":\"document\",\"url\":\"u\",\"title\":null,\"content\":\"c\","
	"\"metadata\":null}",
	"|u||c|text/markdown", "{}"},
    {"our own, a wrong type",
	"{\"type\":\"document\",\"title\":7,\"content\":\"c\",\"url\":\"u\"}",
	"wrong_type u", NULL},
    {"our own, wrong metadata",
	"{\"type\":\"document\",\"content\":\"c\",\"url\":\"u\",\"metadata\":[]"
	"}",
	"wrong_type u", NULL},
    {"our own without type",
	"{\"source\":\"s\",\"url\":\"u\",\"title\":\"t\",\"content\":\"c\"}",
	"s|u|t|c|text/markdown", "{}"},
    {"a foreign id is kept when a url names the record",
	"{\"id\":\"i\",\"url\":\"u\",\"text\":\"c\"}", "|u||c|text/plain",
	"{\"id\":\"i\"}"},
    {"and is the url without one", "{\"id\":\"i\",\"text\":\"c\"}",
	"|i||c|text/plain", "{}"},
    {"a corpus is no source",
	"{\"source\":\"wiki\",\"url\":\"u\",\"text\":\"c\"}",
	"|u||c|text/plain", "{\"source\":\"wiki\"}"},
    {"a url as source", "{\"source\":\"http://x/\",\"content\":\"c\"}",
	"|http://x/||c|text/markdown", "{}"},
    {"the type of a foreign record is kept",
	"{\"type\":\"news\",\"url\":\"u\",\"text\":\"c\"}", "|u||c|text/plain",
	"{\"type\":\"news\"}"},
    {"metadata of a wrong type is kept",
	"{\"metadata\":\"m\",\"url\":\"u\",\"text\":\"c\"}", "|u||c|text/plain",
	"{\"metadata\":\"m\"}"},
    {"Firecrawl",
	"{\"markdown\":\"c\",\"html\":\"h\",\"links\":[1],\"metadata\":"
	"{\"title\":[\"t1\",\"t2\"],\"sourceURL\":\"http://x/a\","
	"\"url\":\"http://x/b\"}}",
	"|http://x/b|t1|c|text/markdown",
	"{\"title\":[\"t1\",\"t2\"],\"sourceURL\":\"http://x/a\","
	"\"url\":\"http://x/b\",\"links\":[1]}"},
    {"HTML only", "{\"rawHtml\":\"r\",\"html\":\"h\",\"url\":\"u\"}",
	"|u||h|text/html", "{}"},
    {"LangChain, JavaScript",
	"{\"pageContent\":\"c\",\"metadata\":{\"source\":\"a.txt\"}}",
	"|a.txt||c|text/plain", "{\"source\":\"a.txt\"}"},
    {"LangChain's dumps",
	"{\"lc\":1,\"type\":\"constructor\",\"id\":[\"x\"],\"kwargs\":"
	"{\"page_content\":\"c\",\"type\":\"Document\",\"metadata\":"
	"{\"source\":\"http://x/\"}}}",
	"|http://x/||c|text/plain", "{\"source\":\"http://x/\"}"},
    {"LlamaIndex, new",
	"{\"id_\":\"d\",\"text_resource\":{\"text\":\"c\",\"mimetype\":null},"
	"\"class_name\":\"Document\",\"metadata\":{\"file_name\":\"f\"}}",
	"|d|f|c|text/plain", "{\"file_name\":\"f\"}"},
    {"LlamaIndex, old",
	"{\"id_\":\"d\",\"text\":\"c\",\"extra_info\":{\"url\":\"u\"},"
	"\"mimetype\":\"text/markdown\"}",
	"|u||c|text/markdown", "{\"url\":\"u\",\"id_\":\"d\"}"},
    {"Hugging Face's nested url", "{\"text\":\"c\",\"meta\":{\"url\":\"u\"}}",
	"|u||c|text/plain", "{\"meta\":{\"url\":\"u\"}}"},
    {"no text", "{\"url\":\"u\",\"text\":null}", "no_text u", NULL},
    {"text of a wrong type", "{\"url\":\"u\",\"text\":[\"x\"]}", "wrong_type u",
	NULL},
    {"an empty text is a text", "{\"url\":\"u\",\"text\":\"\"}",
	"|u|||text/plain", "{}"},
    {"the last of repeated keys counts",
	"{\"url\":\"a\",\"url\":\"b\",\"text\":\"x\",\"text\":\"c\",\"k\":1,"
	"\"j\":1,\"k\":2,\"metadata\":{\"k\":0}}",
	"|b||c|text/plain", "{\"j\":1,\"k\":2}"},
    {"nothing to name it by", "{\"text\":\"c\"}", "|here#1||c|text/plain",
	"{}"},
};

static void
describe(struct buf *out, const struct document *d, int status)
{
	if (status == -1) {
		buf_printf(out, "%s %.*s", d->code, (int)d->url.n, d->url.s);
		return;
	}
	buf_printf(out, "%.*s|%.*s|%.*s|%.*s|%.*s", (int)d->source.n,
	    d->source.s ? d->source.s : "", (int)d->url.n, d->url.s,
	    (int)d->title.n, d->title.s ? d->title.s : "", (int)d->content.n,
	    d->content.s, (int)d->content_type.n, d->content_type.s);
}

static int
same_metadata(const struct document *d, const char *want)
{
	yyjson_mut_doc *out = yyjson_mut_doc_new(NULL);
	char *text = yyjson_mut_val_write(document_metadata(d, out), 0, NULL);
	int same = strcmp(text, want) == 0;

	if (!same)
		printf("# metadata %s\n", text);
	free(text);
	yyjson_mut_doc_free(out);
	return same;
}

static void
test_fields(void)
{
	static const struct document_defaults defaults = {
	    .source = "", .position = "here#1"};
	struct buf out = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		yyjson_doc *json =
		    yyjson_read(cases[i].json, strlen(cases[i].json), 0);
		struct document d;
		const char *why = NULL;
		int status = document_read(
		    &d, yyjson_doc_get_root(json), &defaults, &why);

		buf_reset(&out, 4096);
		describe(&out, &d, status);
		if (!tap(strcmp(out.data, cases[i].fields) == 0 &&
			     (status == 0 || why != NULL),
			"%s", cases[i].name))
			printf("# got %s\n", out.data);
		if (cases[i].metadata != NULL)
			tap(same_metadata(&d, cases[i].metadata),
			    "%s: metadata", cases[i].name);
		yyjson_doc_free(json);
	}
	buf_free(&out);
}

static int
read_json(struct document *d, yyjson_doc **json, const char *text,
    const struct document_defaults *defaults)
{
	const char *why;

	*json = yyjson_read(text, strlen(text), 0);
	return document_read(d, yyjson_doc_get_root(*json), defaults, &why);
}

/* Ids as other programs compute them: by Python's uuid and hashlib. */
static void
test_ids(void)
{
	static const struct document_defaults named = {.source = "handbook"};
	static const struct document_defaults forced = {
	    .source = "other", .override_source = 1};
	static const char text[] =
	    "{\"source\":\"handbook\",\"url\":\"https://x.example/\","
	    "\"title\":\"T\",\"content\":\"C\"}";
	struct document d;
	yyjson_doc *json;

	read_json(&d, &json, text, &named);
	tap(strcmp(d.id, "e21bf65d-ceec-5258-b491-a42cbe10084c") == 0,
	    "the id is that of source and url");
	tap(strcmp(d.content_hash, "0d3162e8a442215b72c5f1d1aeedbd7a149dad58312"
				   "8948f9909e30b7befadf2") == 0,
	    "the hash is that of title, type and content: %s", d.content_hash);
	d.title = document_text("U");
	document_identify(&d);
	tap(strcmp(d.id, "e21bf65d-ceec-5258-b491-a42cbe10084c") == 0 &&
		strcmp(d.content_hash, "0d3162e8a442215b72c5f1d1aeedbd7a149dad5"
				       "83128948f9909e30b7befadf2") != 0,
	    "another title is another hash and the same id");
	yyjson_doc_free(json);
	read_json(&d, &json, text, &forced);
	tap(d.source.n == 5 && memcmp(d.source.s, "other", 5) == 0,
	    "a source may be forced");
	yyjson_doc_free(json);
}

static void
test_saved(void)
{
	static const struct document_defaults none = {0};
	struct document d;
	yyjson_doc *json;

	tap(read_json(&d, &json,
		"{\"type\":\"document\",\"id\":"
		"\"E21BF65D-CEEC-5258-B491-A42CBE10084C\"}",
		&none) == 0 &&
		strcmp(d.id, "e21bf65d-ceec-5258-b491-a42cbe10084c") == 0 &&
		d.content.s == NULL && *d.content_hash == '\0',
	    "an id alone is a saved document");
	yyjson_doc_free(json);
	tap(read_json(
		&d, &json, "{\"type\":\"document\",\"id\":\"x\"}", &none) == -1,
	    "but not one that is no UUID");
	yyjson_doc_free(json);
}

/* A written record is read and written to the same bytes. */
static void
test_put(void)
{
	static const struct document_defaults none = {0};
	int ends[2];
	char bytes[2][1024] = {"", ""};
	struct document d;
	yyjson_doc *json;

	if (pipe(ends) == -1)
		abort();
	read_json(&d, &json,
	    "{\"url\":\"u\",\"text\":\"c\",\"x\":{\"b\":[1.5,null]}}", &none);
	for (int i = 0; i < 2; i++) {
		struct record_out *out = record_out_open(ends[1]);

		document_put(out, &d);
		record_out_close(out);
		yyjson_doc_free(json);
		if (read(ends[0], bytes[i], sizeof(bytes[i]) - 1) <= 0)
			abort();
		read_json(&d, &json, bytes[i], &none);
	}
	yyjson_doc_free(json);
	tap(strcmp(bytes[0], bytes[1]) == 0 &&
		strstr(bytes[0], "\"metadata\":{\"x\":{\"b\":[1.5,null]}}") !=
		    NULL,
	    "what is written reads to the same bytes");
	close(ends[0]);
	close(ends[1]);
}

static void
test_size(void)
{
	static const char *const records[] = {
	    "{\"url\":\"u\",\"text\":\"c\",\"x\":{\"b\":[1.5,null]}}",
	    "{\"type\":\"document\",\"source\":\"s\",\"url\":\"u\",\"title\":"
	    "\"\\\"\",\"content\":\"\\n\\u0001\\u001f\\b\\\\/\u00e4\\u007f\","
	    "\"lease\":\"l\"}",
	    "{\"url\":\"u\",\"title\":\"\",\"text\":\"\\t\"}"};
	static const struct document_defaults none = {0};

	for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
		struct record_out *out = record_out_open(-1);
		struct document d;
		yyjson_doc *json;

		read_json(&d, &json, records[i], &none);
		document_put(out, &d);
		tap(document_size(&d) + 1 == record_out_pending(out),
		    "%zu bytes are written: %zu", record_out_pending(out) - 1,
		    document_size(&d));
		record_out_close(out);
		yyjson_doc_free(json);
	}
}

/* Repeated keys and many keys must not take quadratic time. */
static void
test_many_keys(void)
{
	static const struct document_defaults none = {0};
	struct buf text = {0};
	struct document d;
	yyjson_doc *json;
	yyjson_mut_doc *out = yyjson_mut_doc_new(NULL);

	buf_puts(&text, "{\"url\":\"u\",\"text\":\"c\"");
	for (int i = 0; i < 200000; i++)
		buf_printf(&text, ",\"k%d\":%d", i % 100000, i);
	buf_putc(&text, '}');
	tap(read_json(&d, &json, text.data, &none) == 0 &&
		yyjson_mut_obj_size(document_metadata(&d, out)) == 100000,
	    "200000 members, half of them repeats");
	yyjson_doc_free(json);
	yyjson_mut_doc_free(out);
	buf_free(&text);
}

static void
test_texts(void)
{
	static const struct {
		const char *s;
		int url, blank;
	} texts[] = {{"", 0, 1}, {"http://x", 1, 0}, {"s3://b/k", 0, 0},
	    {"x://y", 0, 0}, {"file:///a", 1, 0}, {"http:/x", 0, 0},
	    {"http://", 0, 0}, {"a b://c", 0, 0},
	    {" \t\r\n\xC2\xA0\xEF\xBB\xBF", 0, 1}, {" x", 0, 0},
	    {"\xC2", 0, 0}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct document_text t = document_text(texts[i].s);

		tap(document_is_url(t) == texts[i].url, "'%s' is a url: %d",
		    texts[i].s, texts[i].url);
		tap(document_is_blank(t) == texts[i].blank, "'%s' is blank: %d",
		    texts[i].s, texts[i].blank);
	}
}

static int
is_same(struct document_text a, struct document_text b)
{
	return (a.s == NULL) == (b.s == NULL) && a.n == b.n &&
	       (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

static int
are_same(const struct document *a, const struct document *b)
{
	return strcmp(a->id, b->id) == 0 &&
	       strcmp(a->content_hash, b->content_hash) == 0 &&
	       is_same(a->source, b->source) && is_same(a->url, b->url) &&
	       is_same(a->title, b->title) && is_same(a->lease, b->lease) &&
	       is_same(a->content, b->content) &&
	       is_same(a->content_type, b->content_type);
}

/* Documents that are read without a tree, and some that are not. */
static void
test_lines(void)
{
	static const struct document_defaults trusting = {
	    .trust_hash = 1, .position = "stdin:1"};
	static const struct {
		const char *line;
		int quick;
	} lines[] = {
	    {"{\"type\":\"document\",\"url\":\"u\",\"content\":\"c\"}", 1},
	    {"{\"content\":\"c\\n\",\"url\":\"u\",\"metadata\":{\"a\":[1]},"
	     "\"type\":\"document\",\"title\":null,\"other\":1.5}",
		1},
	    {"{\"url\":\"u\",\"content\":\"c\",\"lease\":\"l\"}", 1},
	    {"{\"id\":\"i\",\"content\":\"\",\"title\":\"\",\"a\":[]}", 1},
	    {"{\"content\":\"c\",\"source\":\"s\",\"title\":\"t\"}", 1},
	    {"{\"content\":\"c\",\"source\":\"https://s/\",\"id\":\"i\"}", 1},
	    {"{\"content\":\"c\",\"url\":\"\",\"content_hash\":\"0\","
	     "\"content_type\":\"text/plain\",\"source\":\"\"}",
		1},
	    {"{\"content\":\"c\",\"text\":\"t\",\"id\":7}", 1},
	    {"{\"content\":\"c\",\"metadata\":{\"url\":\"u\"}}", 0},
	    {"{\"content\":\"c\",\"lc\":1,\"kwargs\":{}}", 0},
	    {"{\"content\":\"c\",\"mimetype\":\"text/html\"}", 0},
	    {"{\"content\":\"c\",\"title\":[\"t\"]}", 0},
	    {"{\"text\":\"c\",\"url\":\"u\"}", 0},
	    {"{\"type\":\"chunk\",\"url\":\"u\",\"content\":\"c\"}", 0},
	    {"{\"type\":\"document\",\"content\":\"c\"}", 0},
	    {"{\"type\":\"document\",\"url\":\"u\"}", 0},
	    {"{\"type\":\"document\",\"url\":\"u\",\"content\":7}", 0},
	    {"{\"type\":\"document\",\"url\":\"u\",\"content\":\"c\","
	     "\"metadata\":[]}",
		0},
	    {"{\"type\":\"document\",\"url\":\"u\",\"content\":\"c\","
	     "\"content\":\"d\"}",
		0},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct buf unpacked = {0};
		struct document quick, d = {0};
		yyjson_doc *json = NULL;
		int is_quick = document_read_line(&quick, lines[i].line,
		    strlen(lines[i].line), &trusting, &unpacked);

		if (is_quick)
			read_json(&d, &json, lines[i].line, &trusting);
		tap(is_quick == lines[i].quick &&
			(!is_quick || are_same(&quick, &d)),
		    "%s: %s", lines[i].quick ? "quick" : "not quick",
		    lines[i].line);
		yyjson_doc_free(json);
		buf_free(&unpacked);
	}
}

int
main(void)
{
	test_fields();
	test_ids();
	test_saved();
	test_put();
	test_size();
	test_many_keys();
	test_texts();
	test_lines();
	return tap_done();
}
