/* unstructured: elements to one Markdown document per file */
#include "source_lines.h"

#define E(type, text, metadata)                                                \
	"{\"type\":\"" type "\",\"element_id\":\"e\",\"text\":\"" text         \
	"\",\"metadata\":{" metadata "}}"

static const struct line_ends_case cases[] = {
    {"kinds of elements",
	"[" E("Header", "no", "\"filename\":\"f\"") "," E("Title", "One\\nline",
	    "") "," E("Title", "Sub", "\"category_depth\":2") "," E("ListItem",
	    "item", "") "," E("ListItem", "inner",
	    "\"category_depth\":1") "," E("Table", "a b",
	    "\"text_as_html\":\"<table/>\"") "," E("Table", "a b",
	    "") "," E("CodeSnippet", "x", "") "," E("NarrativeText", "text",
	    "") "," E("PageBreak", "", "") "," E("Footer", "no", "") "]",
	"D f|One line|# One line\n\n### Sub\n\n- item\n\n  - inner\n\n<table/>"
	"\n\na b\n\n```\nx\n```\n\ntext|text/markdown\n"},
    {"several files",
	E("Text", "a", "\"filename\":\"f\"") "\n" E("Text", "b", "") "\n" E(
	    "Text", "c", "\"filename\":\"g\""),
	"D f||a\n\nb|text/markdown\nD g||c|text/markdown\n"},
    {"a url is better than a file name",
	E("Text", "a", "\"filename\":\"f\",\"url\":\"u\""),
	"D u||a|text/markdown\n"},
    {"also one of the data source",
	E("Text", "a", "\"data_source\":{\"url\":\"u\"}"),
	"D u||a|text/markdown\n"},
    {"neither", E("Text", "a", ""), "D in#1||a|text/markdown\n"},
    {"odd depths",
	E("Title", "a", "\"category_depth\":99") "\n" E(
	    "Title", "b", "\"category_depth\":-5"),
	"D in#1|a|###### a\n\n# b|text/markdown\n"},
    {"nothing but breaks", E("PageBreak", "", "\"filename\":\"f\""),
	"F empty_page f\n"},
    {"elements in two arrays are two documents",
	"[" E("Text", "a", "") "] [" E("Text", "b", "") "]",
	"D in#1||a|text/markdown\nD in#2||b|text/markdown\n"},
};

int
main(void)
{
	test_lines(cases, sizeof(cases) / sizeof(*cases));
	return tap_done();
}
