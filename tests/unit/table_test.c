/* table: alignment, cutting, wrapping, harmless cells */
#include "tool/table.h"

#include <string.h>

#include "base/buf.h"
#include "tap.h"

static const struct {
	const char *name;
	size_t width;
	int flags[3];
	const char *cells[6];
	const char *out;
} cases[] = {
    {"left and right", 80, {0, TABLE_RIGHT, 0}, {"a", "1", "x", "bb", "22", ""},
	"A    N  C\na    1  x\nbb  22\n"},
    {"no blanks at the end of a line", 80, {0, 0, 0},
	{"long", "", "", "", "b", ""}, "A     N  C\nlong\n      b\n"},
    {"cut at the end", 16, {0, TABLE_RIGHT, TABLE_FLEX},
	{"a", "1", "a long remark", "b", "2", "short"},
	"A  N  C\na  1  a long re\xE2\x80\xA6\nb  2  short\n"},
    {"cut at the beginning", 16, {TABLE_TAIL, 0, 0},
	{"https://x.example/page", "1", "x", "b", "2", "y"},
	"A           N  C\n\xE2\x80\xA6mple/page  1  x\nb           2  y\n"},
    {"never below six cells", 5, {TABLE_FLEX, 0, 0},
	{"abcdefghij", "1", "x", "b", "2", "y"},
	"A       N  C\nabcde\xE2\x80\xA6  1  x\nb       2  y\n"},
    {"wrapped at blanks", 20, {0, 0, TABLE_WRAP},
	{"a", "1", "one two three four", "b", "2", "x"},
	"A  N  C\na  1  one two three\n      four\nb  2  x\n"},
    {"wrapped without blanks", 12, {0, 0, TABLE_WRAP},
	{"a", "1", "abcdefghij", "b", "2", "x"},
	"A  N  C\na  1  abcdef\n      ghij\nb  2  x\n"},
    {"wide and combining characters", 80, {0, 0, 0},
	{"\xE6\x96\x87\xE6\x9B\xB8", "1", "", "e\xCC\x81", "2", ""},
	"A     N  C\n\xE6\x96\x87\xE6\x9B\xB8  1\ne\xCC\x81     2\n"},
    {"a wide character is not cut in two", 13, {TABLE_FLEX, 0, 0},
	{"\xE6\x96\x87\xE6\x9B\xB8\xE6\x96\x87\xE6\x9B\xB8", "1", "x", "b", "2",
	    "y"},
	"A        N  C\n\xE6\x96\x87\xE6\x9B\xB8\xE6\x96\x87\xE2\x80\xA6  1  x"
	"\nb        2  y\n"},
    {"control characters are blanks", 80, {0, 0, 0},
	{"a\x1B[1m", "b\nc", "d\x7F", "\t", "",
	    "\xC2\x9B"
	    "e"},
	"A      N    C\na [1m  b c  d \n            "
	" e\n"},
};

/* Colours take no width, and only table_paint makes them. */
static void
test_paint(void)
{
	static const struct table_column columns[] = {{"A", 0}, {"B", 0}};
	struct table *t = table_new(columns, 2);
	struct buf b = {0};

	table_cell(t, "ok");
	table_paint(t, TABLE_GOOD);
	table_cell(t, "\033[31mx");
	table_cell(t, "fail");
	table_paint(t, TABLE_BAD);
	table_cell(t, "y");
	table_format(t, 80, &b);
	tap(strcmp(b.data, "A     B\n\033[32mok\033[m     [31mx\n"
			   "\033[31mfail\033[m  y\n") == 0,
	    "colours");
	printf("# %s\n", b.data);
	buf_free(&b);
	table_free(t);
}

int
main(void)
{
	struct buf b = {0};
	struct table *t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct table_column columns[] = {{"A", cases[i].flags[0]},
		    {"N", cases[i].flags[1]}, {"C", cases[i].flags[2]}};

		t = table_new(columns, 3);
		for (size_t c = 0; c < 6; c++)
			table_cell(t, cases[i].cells[c]);
		buf_reset(&b, 4096);
		table_format(t, cases[i].width, &b);
		if (!tap(
			strcmp(b.data, cases[i].out) == 0, "%s", cases[i].name))
			printf(
			    "# got:\n%s# expected:\n%s", b.data, cases[i].out);
		table_free(t);
	}
	t = table_new((struct table_column[]){{"A", 0}}, 1);
	table_cell(t, NULL);
	table_cellf(t, "%d", 7);
	buf_reset(&b, 4096);
	table_format(t, 80, &b);
	tap(strcmp(b.data, "A\n\n7\n") == 0 && table_rows(t) == 2,
	    "NULL is an empty cell");
	table_free(t);
	buf_free(&b);
	test_paint();
	return tap_done();
}
