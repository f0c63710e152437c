/*
 * chunk_record: reading, refusals, adding a vector, writing
 */
#include "record/chunk_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "record/record_in.h"
#include "tap.h"

#define DOCUMENT "01234567-89ab-5def-8123-456789abcdef"
#define HEAD "{\"type\":\"chunk\",\"document_id\":\"" DOCUMENT "\""

/* The record in a line, valid until the next one. */
static const struct record *
record_of(const char *line)
{
	static struct record_in *in;
	static struct record r;

	if (in == NULL)
		in = record_in_open(-1, NULL);
	if (line == NULL) {
		record_in_close(in);
		return NULL;
	}
	r = (struct record){.line = line, .len = strlen(line), .number = 1};
	if (record_in_parse(in, &r) != RECORD_OK)
		abort();
	return &r;
}

/* Lines, and why each is refused; "" if it is not. */
static const struct {
	const char *line, *why;
} refusals[] = {
    {"{\"type\":\"chunk\"}", "chunk: document_id is not a UUID"},
    {"{\"document_id\":7,\"index\":0}", "chunk: document_id is not a UUID"},
    {HEAD "}", "chunk: index is not a whole number from 0"},
    {HEAD ",\"index\":-1}", "chunk: index is not a whole number from 0"},
    {HEAD ",\"index\":1.5}", "chunk: index is not a whole number from 0"},
    {HEAD ",\"index\":100000001}", "chunk: index is not a whole number from 0"},
    {HEAD ",\"index\":0}", "text is not a string"},
    {HEAD ",\"index\":0,\"text\":null}", "text is not a string"},
    {HEAD ",\"index\":0,\"text\":\"\"}", ""},
    {HEAD ",\"index\":100000000,\"text\":\"a\"}", ""},
    {HEAD ",\"index\":0,\"text\":\"a\",\"id\":1}", "id is not a string"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"context\":[]}",
	"context is not a string"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"hash\":{}}", "hash is not a string"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"model\":1,\"id\":1}",
	"id is not a string"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"model\":true}",
	"model is not a string"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"id\":null,\"context\":null,"
	  "\"hash\":null,\"model\":null,\"start\":null,\"end\":null,"
	  "\"tokens\":null,\"metadata\":null,\"headings\":null,"
	  "\"embedding\":null}",
	""},
    {HEAD ",\"index\":0,\"text\":\"a\",\"start\":-1}",
	"start is not a whole number from 0"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"end\":2147483648}",
	"end is not a whole number from 0"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"tokens\":\"1\"}",
	"tokens is not a whole number from 0"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"metadata\":[]}",
	"metadata is not an object"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"headings\":\"a\"}",
	"headings is not an array of strings"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"headings\":[\"a\",1]}",
	"headings is not an array of strings"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"start\":3,\"end\":2}",
	"end is before start"},
    {HEAD ",\"index\":0,\"text\":\"a\",\"start\":3,\"end\":5}",
	"start and end are 2 bytes apart, its text has 1: a stage that "
	"changes the text must drop them"},
    {HEAD ",\"index\":0,\"text\":\"\\u0000\",\"start\":3,\"end\":4}", ""},
    {HEAD ",\"index\":0,\"text\":\"a\",\"start\":3}", ""},
};

static void
test_refusals(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		struct chunk_record c;
		int status = chunk_record_read(&c, record_of(refusals[i].line));

		if (!tap(status == (*refusals[i].why ? -1 : 0) &&
			     strcmp(c.why, refusals[i].why) == 0 &&
			     (status == 0 || *c.code != '\0'),
			"%s", refusals[i].line))
			printf("# got %s\n", c.why);
	}
}

static int
is(struct document_text t, const char *s)
{
	return t.s != NULL && t.n == strlen(s) && memcmp(t.s, s, t.n) == 0;
}

static void
test_reading(void)
{
	struct chunk_record c;
	char hex[DIGEST_HEX], same[DIGEST_HEX];
	struct digest *d = digest_new();
	struct buf text = {0};

	tap(chunk_record_read(&c,
		record_of(HEAD
		    ",\"index\":7,\"text\":\"b\",\"text\":\"B\",\"id\":\"x\","
		    "\"context\":\"a\",\"hash\":\"h\",\"model\":\"m\","
		    "\"start\":1,\"end\":2,\"tokens\":3,\"lease\":\"l:1\","
		    "\"headings\":[\"a\"],\"metadata\":{},\"embedding\":7}")) ==
		0,
	    "all keys");
	tap(c.has_document && c.document_id[0] == 0x01 &&
		c.document_id[15] == 0xef && c.index == 7,
	    "its document and index");
	tap(is(c.text, "b"), "of a repeated key the first counts");
	tap(is(c.id, "x") && is(c.context, "a") && is(c.hash, "h") &&
		strcmp(c.model, "m") == 0 && strcmp(c.lease, "l:1") == 0,
	    "its strings");
	tap(c.start == 1 && c.end == 2 && c.tokens == 3, "its numbers");
	tap(yyjson_arr_size(c.headings) == 1 && c.metadata != NULL &&
		yyjson_get_int(c.embedding) == 7,
	    "headings, metadata and embedding as they are");
	chunk_record_put_text(&c, &text);
	tap(strcmp(text.data, "a\nb") == 0, "context and text are embedded");
	chunk_record_hash(&c, hex);
	digest_add(d, "a\nb", 3);
	digest_end_hex(d, same);
	digest_free(d);
	tap(strcmp(hex, same) == 0, "and hashed");
	buf_free(&text);

	tap(chunk_record_read(&c,
		record_of("{\"document_id\":\"x\",\"lease\":\"l\"}")) == -1 &&
		!c.has_document && strcmp(c.lease, "l") == 0,
	    "a refusal knows the lease");
	tap(chunk_record_read(&c, record_of(HEAD ",\"index\":3}")) == -1 &&
		c.has_document && c.index == 3,
	    "and document and index as far as they are there");
}

static void
test_text(void)
{
	static const struct {
		const char *line, *code, *why;
	} cases[] = {
	    {"{\"text\":\"a\"}", NULL, ""},
	    {"{\"text\":\"a\",\"context\":null}", NULL, ""},
	    {"{\"text\":7}", "wrong_type", "the chunk's text is not a string"},
	    {"{\"text\":null}", "wrong_type",
		"the chunk's text is not a string"},
	    {"{\"text\":\"a\",\"context\":7}", "wrong_type",
		"the chunk's context is not a string"},
	    {"{\"context\":\"a\"}", "no_text", "the chunk has no text"},
	    {"{\"text\":\"\"}", "no_text", "the chunk has no text"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct chunk_record c;
		int status =
		    chunk_record_read_text(&c, record_of(cases[i].line));

		tap(cases[i].code == NULL
			? status == 0
			: status == -1 && strcmp(c.code, cases[i].code) == 0 &&
			      strcmp(c.why, cases[i].why) == 0,
		    "text alone: %s", cases[i].line);
	}
}

static void
test_vector(void)
{
	static const struct {
		const char *line, *open;
	} cases[] = {
	    {"{\"a\": 1 } \t", "{\"a\": 1 "},
	    {"{\"model\":\"m\",\"a\": 1,\"embedding\":[1]}", "{\"a\":1"},
	    {"{\"a\":\"\\u0000\"}", "{\"a\":\"\xEF\xBF\xBD\""},
	    {"{\"model\":null}", "{"},
	};
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		buf_reset(&b, 4096);
		chunk_record_open(&b, record_of(cases[i].line));
		if (!tap(b.len == strlen(cases[i].open) &&
			     memcmp(b.data, cases[i].open, b.len) == 0,
			"opened: %s", cases[i].line))
			printf("# got %.*s\n", (int)b.len, b.data);
	}
	buf_reset(&b, 4096);
	chunk_record_put_model(&b, "a\"b");
	tap(strcmp(b.data, ",\"model\":\"a\\\"b\",\"embedding\":") == 0,
	    "what stands in front of a vector");
	buf_free(&b);
}

#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void
test_writing(void)
{
	struct chunk_record_parts parts = {.id = DOCUMENT,
	    .document_id = DOCUMENT,
	    .hash = HASH,
	    .index = 1,
	    .start = 2,
	    .end = 5,
	    .char_start = 3,
	    .char_end = 6,
	    .tokens = 4,
	    .text = {"a\"b", 3},
	    .headings = {"[\"h\"]", 5},
	    .more = {",\"url\":\"u\"", 10}};
	struct chunk_record c;
	struct buf b = {0};

	chunk_record_write(&b, &parts);
	tap(strcmp(b.data,
		",\"id\":\"" DOCUMENT "\",\"document_id\":\"" DOCUMENT
		"\",\"index\":1,\"text\":\"a\\\"b\",\"start\":2,\"end\":5,"
		"\"char_start\":3,\"char_end\":6,\"tokens\":4,"
		"\"headings\":[\"h\"],\"hash\":\"" HASH
		"\",\"url\":\"u\"") == 0,
	    "the keys stand in their order, more of them behind");

	parts.text = (struct document_text){"a\\\"b", 4};
	parts.text_is_escaped = 1;
	parts.context = (struct document_text){"c", 1};
	parts.overlap = 2;
	buf_reset(&b, 4096);
	buf_puts(&b, "{\"type\":\"chunk\"");
	chunk_record_write(&b, &parts);
	buf_puts(&b, "}");
	tap(strstr(b.data, "\"char_end\":6,\"overlap\":2,\"tokens\"") != NULL,
	    "overlap where there is one");
	tap(chunk_record_read(&c, record_of(b.data)) == 0 &&
		is(c.text, "a\"b") && is(c.context, "c") && is(c.hash, HASH),
	    "what is written can be read");
	buf_free(&b);
}

int
main(void)
{
	test_refusals();
	test_reading();
	test_text();
	test_vector();
	test_writing();
	record_of(NULL);
	return tap_done();
}
