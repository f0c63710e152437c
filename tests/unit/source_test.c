/* source: which format a value has, repeats, pieces, numbering */
#include "source_lines.h"

static const struct line_ends_case cases[] = {
    {"records are numbered over what is refused",
	"{\"text\":\"a\"} 7 {\"x\":1} {\"text\":\"b\"}",
	"D in#1||a|text/plain\nF not_an_object \nF no_text in#3\n"
	"D in#4||b|text/plain\n"},
    {"an array is its elements", "[{\"text\":\"a\"},[],{\"text\":\"b\"}]",
	"D in#1||a|text/plain\nF not_an_object \nD in#3||b|text/plain\n"},
    {"a text is given once",
	"{\"url\":\"u\",\"text\":\"a\"} {\"url\":\"u\",\"text\":\"a\"}",
	"D u||a|text/plain\nR u\n"},
    {"other texts of a url are numbered, and each is given once",
	"{\"url\":\"u\",\"text\":\"a\"} {\"url\":\"u\",\"text\":\"b\"}"
	"{\"url\":\"u\",\"text\":\"c\"} {\"url\":\"u\",\"text\":\"b\"}"
	"{\"url\":\"u#3\",\"text\":\"c\"} {\"url\":\"u\",\"text\":\"d\"}"
	"{\"url\":\"u\",\"text\":\"e\"} {\"url\":\"u\",\"text\":\"f\"}"
	"{\"url\":\"u\",\"text\":\"g\"}",
	"D u||a|text/plain\nD u#2||b|text/plain\nD u#3||c|text/plain\nR u\n"
	"R u#3\nD u#4||d|text/plain\nD u#5||e|text/plain\n"
	"D u#6||f|text/plain\nD u#7||g|text/plain\n"},
    {"a number that is taken is left out, and may be taken",
	"{\"url\":\"u#2\",\"text\":\"a\"} {\"url\":\"u\",\"text\":\"b\"}"
	"{\"url\":\"u\",\"text\":\"c\"} {\"url\":\"u#3\",\"text\":\"d\"}",
	"D u#2||a|text/plain\nD u||b|text/plain\nD u#3||c|text/plain\n"
	"D u#3#2||d|text/plain\n"},
    {"another title is another text, other metadata is not",
	"{\"url\":\"u\",\"text\":\"a\"} {\"url\":\"u\",\"text\":\"a\",\"n\":1}"
	"{\"url\":\"u\",\"text\":\"a\",\"title\":\"t\"}",
	"D u||a|text/plain\nR u\nD u#2|t|a|text/plain\n"},
    {"two sources may have one url",
	"{\"source\":\"s\",\"url\":\"u\",\"content\":\"a\"}"
	"{\"source\":\"t\",\"url\":\"u\",\"content\":\"b\"}",
	"D u||a|text/markdown\nD u||b|text/markdown\n"},
    {"a failed one may come again",
	"{\"url\":\"u\",\"text\":\"\"} {\"url\":\"u\",\"text\":\"b\"}",
	"F empty_page u\nD u||b|text/plain\n"},
    {"what came well cannot fail",
	"{\"url\":\"u\",\"text\":\"a\"} {\"url\":\"u\",\"text\":\"\"}",
	"D u||a|text/plain\nR u\n"},
    {"pieces keep a url of their own: page, id, number",
	"{\"page_content\":\"a\",\"metadata\":{\"source\":\"f\",\"page\":1}}"
	"{\"page_content\":\"b\",\"metadata\":{\"source\":\"f\",\"page\":2}}"
	"{\"page_content\":\"c\",\"metadata\":{\"source\":\"f\"}}"
	"{\"id\":\"x\",\"page_content\":\"d\",\"metadata\":{\"url\":\"f\"}}"
	"{\"page_content\":\"b\",\"metadata\":{\"source\":\"f\",\"page\":2}}",
	"D f||a|text/plain\nD f#page=2||b|text/plain\nD f#3||c|text/plain\n"
	"D f#x||d|text/plain\nR f\n"},
    {"pieces of one page are numbered",
	"{\"page_content\":\"a\",\"metadata\":{\"source\":\"f\",\"page\":1}}"
	"{\"page_content\":\"b\",\"metadata\":{\"source\":\"f\",\"page\":1}}"
	"{\"page_content\":\"c\",\"metadata\":{\"source\":\"f\",\"page\":1}}",
	"D f||a|text/plain\nD f#page=1||b|text/plain\n"
	"D f#page=1#2||c|text/plain\n"},
    {"a byte order mark is no text",
	"{\"url\":\"u\",\"text\":\"\xEF\xBB\xBF x\"} "
	"{\"url\":\"v\",\"text\":\"\xEF\xBB\xBF \"}",
	"D u|| x|text/plain\nF empty_page v\n"},
    {"a saved document passes by its id",
	"{\"type\":\"document\",\"id\":"
	"\"2ed6657d-e927-568b-95e1-2665a8aea6a2\"}",
	"D |||\n"},
    {"an id without content is no text of its url",
	"{\"type\":\"document\",\"id\":"
	"\"4460c1e1-6c54-5d47-bc15-53f800daa8e7\"}"
	"{\"type\":\"document\",\"url\":\"u\",\"content\":\"a\"}"
	"{\"type\":\"document\",\"id\":"
	"\"4460c1e1-6c54-5d47-bc15-53f800daa8e7\"}",
	"D |||\nD u||a|text/markdown\nR \n"},
    {"our own without content", "{\"type\":\"document\",\"url\":\"u\"}",
	"F no_text u\n"},
    {"a number is an id",
	"{\"id\":42,\"text\":\"a\"} {\"id\":-1,\"text\":\"b\"}",
	"D 42||a|text/plain\nD -1||b|text/plain\n"},
};

static const struct {
	const char *json, *format;
} formats[] = {
    {"{\"type\":\"document\",\"data\":[],\"markdown\":\"\"}", "document"},
    {"{\"data\":[],\"status\":\"completed\"}", "firecrawl-crawl"},
    {"{\"data\":null,\"success\":true}", "firecrawl-crawl"},
    {"{\"data\":[],\"type\":\"crawl.page\"}", "firecrawl-crawl"},
    {"{\"data\":[],\"status\":\"x\",\"text\":\"\"}", "record"},
    {"{\"data\":[]}", "record"},
    {"{\"errors\":[],\"robotsBlocked\":[]}", "firecrawl-errors"},
    {"{\"docstore/data\":{}}", "llamaindex-docstore"},
    {"{\"lc\":1,\"kwargs\":{}}", "langchain-dumps"},
    {"{\"type\":\"Title\",\"element_id\":\"\",\"text\":\"\"}", "unstructured"},
    {"{\"id_\":\"\",\"class_name\":\"TextNode\"}", "llamaindex"},
    {"{\"page_content\":\"\"}", "langchain"},
    {"{\"markdown\":\"\",\"metadata\":{}}", "firecrawl"},
    {"{\"html\":\"\",\"metadata\":{}}", "firecrawl"},
    {"{\"success\":false,\"error\":\"x\"}", "firecrawl-answer"},
    {"{\"error\":\"x\"}", "firecrawl-answer"},
    {"{\"error\":\"x\",\"text\":\"y\"}", "record"},
    {"{}", "record"},
    {"[]", NULL},
    {"7", NULL},
};

int
main(void)
{
	test_lines(cases, sizeof(cases) / sizeof(*cases));
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		yyjson_doc *doc =
		    yyjson_read(formats[i].json, strlen(formats[i].json), 0);
		const struct source_format *f =
		    source_recognise(yyjson_doc_get_root(doc));
		const char *want = formats[i].format;

		tap(f == NULL ? want == NULL
			      : want != NULL && strcmp(f->name, want) == 0,
		    "%s is %s", formats[i].json, want ? want : "nothing");
		yyjson_doc_free(doc);
	}
	return tap_done();
}
