/*
 * json_split: splitting JSON of any layout, fed in parts of every size
 */
#include "record/json_split.h"

#include <string.h>

#include "base/buf.h"
#include "tap.h"

/*
 * The items as one line: R(ecord) A(rray end) P(age) E(nvelope) B(ad: its
 * code), each with line:text.
 */
static const struct {
	const char *name, *in;
	size_t max, whole;
	const char *out;
} cases[] = {
    {"nothing", "", 100, 100, ""},
    {"white space only", " \n\t\r\n", 100, 100, ""},
    {"one object", "{\"a\":1}", 100, 100, "R1:{\"a\":1} "},
    {"concatenated, without a line end", "{\"a\":1}{\"b\":2}", 100, 100,
	"R1:{\"a\":1} R1:{\"b\":2} "},
    {"pretty-printed", "{\n \"a\": [\n1]\n}\n{\n}\n", 100, 100,
	"R1:{\n \"a\": [\n1]\n} R5:{\n} "},
    {"a byte order mark", "\xEF\xBB\xBF{}", 100, 100, "R1:{} "},
    {"RFC 7464", "\x1E{}\n\x1E{\"a\":2}\n", 100, 100, "R1:{} R2:{\"a\":2} "},
    {"an array of objects", "[{\"a\":1},\n {\"b\":[2]}\n]", 100, 100,
	"R1:{\"a\":1} R2:{\"b\":[2]} A3 "},
    {"an empty array", "[]", 100, 100, "A1 "},
    {"scalars in an array", "[1, \"x\\\"]\" ,null,[2]]", 100, 100,
	"R1:1 R1:\"x\\\"]\" R1:null R1:[2] A1 "},
    {"an array, then an object", "[{}]{}", 100, 100, "R1:{} A1 R1:{} "},
    {"brackets in strings", "{\"a\":\"}\\\\\\\"]{\"}", 100, 100,
	"R1:{\"a\":\"}\\\\\\\"]{\"} "},
    {"cut short in an object", "{\"a\":\n[", 100, 100, "B2:cut_short "},
    {"cut short in an array", "[{},\n", 100, 100, "R1:{} B2:cut_short "},
    {"cut short in a string", "{\"a\":\"x\\", 100, 100, "B1:cut_short "},
    {"a line end in a string costs that line", "{\"a\":\"x\n{\"b\":2}\n", 100,
	100, "B1:bad_json R2:{\"b\":2} "},
    {"a wrong bracket costs that line", "{\"a\":[}\n{\"b\":2}\n", 100, 100,
	"B1:bad_json R2:{\"b\":2} "},
    {"garbage costs lines up to a bracket", "x y\n }\n{\"b\":2}\n", 100, 100,
	"B1:bad_json R3:{\"b\":2} "},
    {"a stray closing bracket", "[{}}\n{}", 100, 100,
	"R1:{} B1:bad_json R2:{} "},
    {"NUL in an array", "[\0]", 100, 100, "R1: A1 "},
    {"too long", "{\"a\":\"0123456789\"}{}", 10, 10, "B1:too_long R1:{} "},
    {"a too long element", "[{\"a\":\"0123456789\"},{}]", 10, 10,
	"B1:too_long R1:{} A1 "},
    {"a crawl within the limit stays whole",
	"{\"status\":\"x\",\"data\":[{\"a\":1},{\"b\":2}],\"n\":1}", 100, 100,
	"R1:{\"status\":\"x\",\"data\":[{\"a\":1},{\"b\":2}],\"n\":1} "},
    {"a crawl over it is given by pages",
	"{\"status\":\"x\",\"data\":\n[{\"a\":1},\n{\"b\":[{}]}],\"n\":[{}]}",
	100, 0,
	"P2:{\"a\":1} P3:{\"b\":[{}]} "
	"E3:{\"status\":\"x\",\"data\":\n[],\"n\":[{}]} "},
    {"also when only its sum is too long",
	"{\"status\":\"x\",\"data\":[{\"a\":1},{\"b\":2},{\"c\":3}]}", 30, 30,
	"P1:{\"a\":1} P1:{\"b\":2} P1:{\"c\":3} "
	"E1:{\"status\":\"x\",\"data\":[]} "},
    {"a too long page costs itself",
	"{\"status\":\"x\",\"data\":[{\"a\":"
	"\"0123456789012345678901234567890\"}"
	",{\"b\":2}]}",
	30, 0, "B1:too_long P1:{\"b\":2} E1:{\"status\":\"x\",\"data\":[]} "},
    {"a crawl cut short keeps its pages",
	"{\"total\":2,\"data\":[{\"a\":1},{\"b\":2},{", 100, 0,
	"P1:{\"a\":1} P1:{\"b\":2} B1:cut_short "},
    {"data of other objects is left alone", "{\"x\":1,\"data\":[{\"a\":1}]}",
	100, 0, "R1:{\"x\":1,\"data\":[{\"a\":1}]} "},
    {"data of a document is left alone",
	"{\"type\":\"t\",\"text\":\"\",\"data\":[{\"a\":1}]}", 100, 0,
	"R1:{\"type\":\"t\",\"text\":\"\",\"data\":[{\"a\":1}]} "},
    {"a member of data is not data",
	"{\"total\":1,\"x\":{\"data\":[{\"a\":1}]}}", 100, 0,
	"R1:{\"total\":1,\"x\":{\"data\":[{\"a\":1}]}} "},
    {"null pages are dropped", "{\"total\":1,\"data\":[null,{\"a\":1},2]}", 100,
	0, "P1:{\"a\":1} E1:{\"total\":1,\"data\":[]} "},
};

static void
run(const char *in, size_t n, size_t max, size_t whole, size_t step,
    struct buf *out)
{
	struct json_split *t = json_split_new(max, whole);
	struct json_split_item item;
	enum json_split_kind kind;
	size_t done = 0;

	buf_reset(out, 1024);
	while ((kind = json_split_next(t, &item)) != JSON_SPLIT_END) {
		if (kind == JSON_SPLIT_MORE && done == n) {
			json_split_finish(t);
		} else if (kind == JSON_SPLIT_MORE) {
			size_t k = n - done < step ? n - done : step;

			json_split_feed(t, in + done, k);
			done += k;
		} else if (kind == JSON_SPLIT_BAD) {
			buf_printf(out, "B%d:%s ", (int)item.line, item.code);
		} else if (kind == JSON_SPLIT_ARRAY_END) {
			buf_printf(out, "A%d ", (int)item.line);
		} else {
			buf_printf(out, "%c%d:%.*s ",
			    kind == JSON_SPLIT_RECORD ? 'R'
			    : kind == JSON_SPLIT_PAGE ? 'P'
						      : 'E',
			    (int)item.line, (int)item.n, item.text);
		}
	}
	json_split_free(t);
}

int
main(void)
{
	struct buf out = {0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t n = strlen(cases[i].in);
		int same = 1;

		if (strcmp(cases[i].name, "NUL in an array") == 0)
			n = 3;
		for (size_t step = 1; same && step <= n + 1; step++) {
			run(cases[i].in, n, cases[i].max, cases[i].whole, step,
			    &out);
			same =
			    strcmp(out.data ? out.data : "", cases[i].out) == 0;
		}
		if (!tap(same, "%s", cases[i].name))
			printf(
			    "# got  %s\n# want %s\n", out.data, cases[i].out);
	}
	buf_free(&out);
	return tap_done();
}
