/* llamaindex: the docstore map */
#include "source_lines.h"

static const struct line_ends_case cases[] = {
    {"nodes as objects and as strings",
	"{\"docstore/data\":{"
	"\"a\":{\"__data__\":{\"id_\":\"a\",\"class_name\":\"TextNode\","
	"\"text\":\"A\"}},"
	"\"b\":{\"__data__\":\"{\\\"id_\\\":\\\"b\\\",\\\"text\\\":\\\"B\\\"}"
	"\"},"
	"\"c\":{\"id_\":\"c\",\"text\":\"C\"}}}",
	"D a||A|text/plain\nD b||B|text/plain\nD c||C|text/plain\n"},
    {"nodes of one page stay apart",
	"{\"docstore/data\":{"
	"\"a\":{\"__data__\":{\"id_\":\"a\",\"class_name\":\"TextNode\","
	"\"text\":\"A\",\"metadata\":{\"url\":\"u\"}}},"
	"\"b\":{\"__data__\":{\"id_\":\"b\",\"class_name\":\"TextNode\","
	"\"text\":\"B\",\"metadata\":{\"url\":\"u\"}}}}}",
	"D u||A|text/plain\nD u#b||B|text/plain\n"},
    {"nodes that are none",
	"{\"docstore/data\":{\"a\":7,\"b\":{\"__data__\":\"{\"},"
	"\"c\":{\"__data__\":{\"docstore/data\":{}}},\"d\":{\"__data__\":[]}}}",
	"F not_an_object \nF bad_json \nF wrong_type \n"},
    {"no nodes", "{\"docstore/data\":{}}", ""},
};

int
main(void)
{
	test_lines(cases, sizeof(cases) / sizeof(*cases));
	return tap_done();
}
