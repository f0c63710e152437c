/*
 * json_members: lines read without a tree, and lines left to record_in
 */
#include "record/json_members.h"

#include <string.h>

#include "base/buf.h"
#include "tap.h"

/*
 * Members as "key=string;", "key:other;", with ! if json_string would write the
 * string differently; NULL: left to record_in.
 */
static const struct {
	const char *line, *members;
} cases[] = {
    {"{}", ""},
    {" { } ", ""},
    {"{\"a\":\"b\"}", "a=b;"},
    {"{ \"a\" : \"b\" ,\t\"c\" : 1 }\r", "a=b;c:1;"},
    {"{\"a\":\"x\\ny\\\"\\\\\"}", "a=x\ny\"\\;"},
    {"{\"a\":\"x\\/y\"}", "a=x/y!;"},
    {"{\"a\":\"\\u00e9\\ud83d\\ude00\"}", "a=\xC3\xA9\xF0\x9F\x98\x80!;"},
    {"{\"a\":{\"b\":[1,\"]\\\"}\"]},\"c\":null}",
	"a:{\"b\":[1,\"]\\\"}\"]};c:null;"},
    {"{\"a\":\"\xC3\xA9\"}", "a=\xC3\xA9;"},
    {"", NULL},
    {"[]", NULL},
    {"{", NULL},
    {"{\"a\":\"b\"", NULL},
    {"{\"a\":\"b", NULL},
    {"{\"a\":\"b\\", NULL},
    {"{\"a\":\"b\"} x", NULL},
    {"{\"a\":\"b\",}", NULL},
    {"{,\"a\":\"b\"}", NULL},
    {"{\"a\" \"b\"}", NULL},
    {"{\"a\":}", NULL},
    {"{\"a\":tru}", NULL},
    {"{\"a\":[}]}", NULL},
    {"{\"a\":01}", NULL},
    {"{\"a\":\"\t\"}", NULL},
    {"{\"a\":\"\\x\"}", NULL},
    {"{\"a\":\"\\u12g4\"}", NULL},
    {"{\"a\":\"\\u0000\"}", NULL},
    {"{\"a\":[\"\\u0000\"]}", NULL},
    {"{\"a\":\"\\ud83d\"}", NULL},
    {"{\"a\":\"\\ud83d\\u0041\"}", NULL},
    {"{\"a\":\"\\ude00\"}", NULL},
    {"{\"a\":\"\xC3\"}", NULL},
    {"{\"a\":\"\xED\xA0\x80\"}", NULL},
    {"{\"\\u0061\":1}", NULL},
    {"{\"\xC3\xA9\":1}", NULL},
};

/* Read the members of a line into out; the last result of json_members_next. */
static int
read_members(const char *line, size_t n, struct buf *unpacked, struct buf *out)
{
	struct json_members s;
	struct json_members_member m;
	int status;

	out->len = 0;
	json_members_start(&s, line, n, unpacked);
	while ((status = json_members_next(&s, &m)) == 1) {
		buf_add(out, m.key, m.key_n);
		buf_putc(out, m.s != NULL ? '=' : ':');
		buf_add(out, m.s ? m.s : m.raw, m.s ? m.n : m.raw_n);
		if (m.s != NULL && !m.same)
			buf_putc(out, '!');
		buf_putc(out, ';');
	}
	buf_add(out, "", 0);
	return status;
}

/* One string with every number of bytes in front and behind. */
static void
test_places(struct buf *unpacked, struct buf *out)
{
	static const char value[] = "\\n\\\\\\\"x\\u00e9\xE2\x82\xAC\\\\";
	static const char means[] = "\n\\\"x\xC3\xA9\xE2\x82\xAC\\";
	size_t wrong = 0;
	struct buf line = {0}, expected = {0};

	for (size_t i = 0; i < 200 * 200; i++) {
		size_t before = i / 200, behind = i % 200;

		line.len = expected.len = 0;
		buf_puts(&line, "{\"a\":\"");
		buf_puts(&expected, "a=");
		memset(buf_reserve(&line, before), 'y', before);
		line.len += before;
		memset(buf_reserve(&expected, before), 'y', before);
		expected.len += before;
		buf_puts(&line, value);
		buf_puts(&expected, means);
		memset(buf_reserve(&line, behind), 'z', behind);
		line.len += behind;
		memset(buf_reserve(&expected, behind), 'z', behind);
		expected.len += behind;
		buf_puts(&line, "\"}");
		buf_puts(&expected, "!;");
		wrong +=
		    read_members(line.data, line.len, unpacked, out) != 0 ||
		    out->len != expected.len ||
		    memcmp(out->data, expected.data, out->len) != 0;
		/* A line that is cut anywhere is left to record_in. */
		wrong += read_members(line.data, line.len - 1 - i % 40,
			     unpacked, out) != -1;
	}
	tap(wrong == 0, "a string at every place: %zu wrong", wrong);
	buf_free(&line);
	buf_free(&expected);
}

static void
test_depth(struct buf *unpacked, struct buf *out)
{
	char line[300] = "{\"a\":";
	size_t n = strlen(line);

	memset(line + n, '[', 60);
	memset(line + n + 60, ']', 60);
	line[n + 120] = '}';
	tap(read_members(line, n + 121, unpacked, out) == 0, "60 deep");
	memset(line + n, '[', 65);
	memset(line + n + 65, ']', 65);
	line[n + 130] = '}';
	tap(read_members(line, n + 131, unpacked, out) == -1, "65 is unusual");
}

int
main(void)
{
	struct buf unpacked = {0}, out = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *line = cases[i].line, *members = cases[i].members;
		int status = read_members(line, strlen(line), &unpacked, &out);

		tap(members ? status == 0 && strcmp(out.data, members) == 0
			    : status == -1,
		    "%s", *line ? line : "nothing");
	}
	test_places(&unpacked, &out);
	test_depth(&unpacked, &out);
	buf_free(&unpacked);
	buf_free(&out);
	return tap_done();
}
