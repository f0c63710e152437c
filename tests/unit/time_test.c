/* time: clocks and sleeps, days, points in time as text */
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "tap.h"

static const struct {
	const char *s;
	int status;
	int64_t value;
} points[] = {
    {"@0", 0, 0},
    {"@1700000000", 0, 1700000000},
    {"1970-01-01T00:00Z", 0, 0},
    {"2024-02-29T12:34:56Z", 0, 1709210096},
    {"2024-03-01 00:00:00+00:00", 0, 1709251200},
    {"2026-01-31T08:30+01:00", 0, 1769844600},
    {"2026-01-31T08:30-0530", 0, 1769868000},
    {"2026-01-31T08:30+01", 0, 1769844600},
    {"", -1, 0},
    {"@", -1, 0},
    {"@-1", -1, 0},
    {"2026-13-01", -1, 0},
    {"2026-02-29", -1, 0},
    {"1969-12-31T00:00Z", -1, 0},
    {"2100-02-29T00:00Z", -1, 0},
    {"2000-02-29T00:00Z", 0, 951782400},
    {"2026-01-31T", -1, 0},
    {"2026-01-31T8:30", -1, 0},
    {"2026-01-31T08:60Z", -1, 0},
    {"2026-01-31T08:30Q", -1, 0},
    {"2026-01-31T08:30+1", -1, 0},
    {"tomorrow", -1, 0},
};

static const struct {
	int year, month, day;
	int64_t days;
} dates[] = {
    {1970, 1, 1, 0},
    {1969, 12, 31, -1},
    {2000, 2, 29, 11016},
    {2000, 3, 1, 11017},
    {1, 1, 1, -719162},
    {9999, 12, 31, 2932896},
};

/* Without a zone it is local time. */
static void
check_local(void)
{
	int64_t v = 0;

	setenv("TZ", "XYZ-2", 1);
	tzset();
	tap(time_parse("1970-01-02", &v) == 0 && v == 86400 - 2 * 3600,
	    "a date without a zone is local");
}

int
main(void)
{
	double before = time_now(), slept;
	int64_t now = time_unix_ms();

	for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++) {
		int64_t v = 77;
		int status = time_parse(points[i].s, &v);

		tap(status == points[i].status &&
			v == (status ? 77 : points[i].value),
		    "point in time '%s'", points[i].s);
	}
	for (size_t i = 0; i < sizeof(dates) / sizeof(*dates); i++)
		tap(time_days(dates[i].year, dates[i].month, dates[i].day) ==
			dates[i].days,
		    "days of %d-%02d-%02d", dates[i].year, dates[i].month,
		    dates[i].day);
	tap(time_month_days(2024, 2) == 29 && time_month_days(2023, 2) == 28 &&
		time_month_days(1900, 2) == 28 &&
		time_month_days(2000, 2) == 29 &&
		time_month_days(2023, 12) == 31,
	    "days of a month");
	check_local();
	tap(time_sleep(0.01) == 0 && time_sleep(0) == 0 && time_sleep(-1) == 0,
	    "a sleep nobody interrupts is 0");
	slept = time_now() - before;
	tap(slept >= 0.01, "and is as long as was asked for");
	tap(now >= (int64_t)time(NULL) * 1000 - 10000 &&
		time_unix_ms() >= now && time_unix() >= now / 1000,
	    "Unix time");
	return tap_done();
}
