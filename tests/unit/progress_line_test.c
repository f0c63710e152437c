/* progress_line: bar, rate, time that is left */
#include "tool/progress_line.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "tap.h"

static const struct {
	const char *name;
	struct progress_line line;
	size_t width;
	const char *out;
} cases[] = {
    {"all of it", {"documents", 20, 3, 50, 2.1}, 65,
	"[#####.........] 20 of 50 documents, 3 failed, 2.1/s, 14.3 s left"},
    {"nothing done yet", {"documents", 0, 0, 8, 0}, 32,
	"[.............] 0 of 8 documents"},
    {"all done", {"documents", 8, 0, 8, 12}, 36,
	"[###########] 8 of 8 documents, 12/s"},
    {"no total, no bar", {"chunks", 7, 0, 0, 0.5}, 80, "7 chunks, 0.5/s"},
    {"no room, no bar", {"documents", 1, 0, 2, 0}, 26, "1 of 2 documents"},
    {"done in part before", {"documents", 1, 0, 4, 0}, 200,
	"[#######.......................] 1 of 4 documents"},
};

static int
is_near(double a, double b)
{
	return fabs(a - b) < 1e-6;
}

static void
test_rate(void)
{
	struct progress_rate r = {0};
	double rate = 0;

	tap(progress_rate_note(&r, 100, 5) == 0, "no rate at first");
	tap(progress_rate_note(&r, 103, 5) == 0, "nor while all is starting");
	tap(is_near(progress_rate_note(&r, 105, 25), 10),
	    "the time of starting does not count");
	for (int i = 1; i <= 100; i++)
		rate = progress_rate_note(&r, 105 + i, 25 + 2 * (uint64_t)i);
	tap(is_near(rate, 2), "only the last seconds count");
	for (int i = 1; i <= 100; i++)
		rate =
		    progress_rate_note(&r, 205 + i / 10.0, 225 + (uint64_t)i);
	tap(rate > 8 && rate < 11, "also when asked often");
	for (int i = 1; i <= 30; i++)
		rate = progress_rate_note(&r, 215 + i, 325);
	tap(rate == 0, "standing still is no rate");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = {0};

		progress_line_put(&cases[i].line, cases[i].width, &b);
		if (!tap(strcmp(b.data, cases[i].out) == 0 &&
			     b.len <= cases[i].width,
			"%s", cases[i].name))
			printf("# %s\n", b.data);
		buf_free(&b);
	}
	test_rate();
	return tap_done();
}
