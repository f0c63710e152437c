/*
 * num: numbers read and refused, and the text of durations
 */
#include "base/num.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

static const struct {
	const char *s;
	int64_t lo, hi;
	int status;
	int64_t value;
} ints[] = {
    {"0", 0, 10, 0, 0},
    {"10", 0, 10, 0, 10},
    {"007", 0, 10, 0, 7},
    {"-3", -5, 5, 0, -3},
    {"9223372036854775807", 0, INT64_MAX, 0, INT64_MAX},
    {"11", 0, 10, -1, 0},
    {"-6", -5, 5, -1, 0},
    {"9223372036854775808", 0, INT64_MAX, -1, 0},
    {"18446744073709551616", 0, INT64_MAX, -1, 0},
    {"", 0, 10, -1, 0},
    {"-", -5, 5, -1, 0},
    {"+1", 0, 10, -1, 0},
    {" 1", 0, 10, -1, 0},
    {"1 ", 0, 10, -1, 0},
    {"1.0", 0, 10, -1, 0},
    {"0x1", 0, 10, -1, 0},
};

static const struct {
	const char *s;
	int status;
	size_t value;
} sizes[] = {
    {"1", 0, 1},
    {"2b", 0, 2},
    {"64KiB", 0, 65536},
    {"64k", 0, 65536},
    {"64MB", 0, 67108864},
    {"1G", 0, 1073741824},
    {"0", -1, 0},
    {"2G", -1, 0},
    {"99999999999999999999G", -1, 0},
    {"9223372036854775807G", -1, 0},
    {"1 K", -1, 0},
    {"1kib", -1, 0},
    {"K", -1, 0},
    {"-1", -1, 0},
    {"1.5M", -1, 0},
    {"", -1, 0},
};

static const struct {
	const char *s;
	int status;
	int64_t value;
} durations[] = {
    {"250ms", 0, 250},
    {"30", 0, 30000},
    {"30s", 0, 30000},
    {"5m", 0, 300000},
    {"5min", 0, 300000},
    {"1h", 0, 3600000},
    {"1d", 0, 86400000},
    {"0", -1, 0},
    {"2d", -1, 0},
    {"1w", -1, 0},
    {"1h30m", -1, 0},
    {"-1s", -1, 0},
    {"", -1, 0},
    {"s", -1, 0},
};

static const struct {
	double seconds;
	const char *text;
} formats[] = {
    {0, "0 ms"},
    {0.85, "850 ms"},
    {12.34, "12.3 s"},
    {245, "4 m 05 s"},
    {12000, "3 h 20 m"},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(ints) / sizeof(*ints); i++) {
		int64_t v = 77;
		int status = num_int(ints[i].s, ints[i].lo, ints[i].hi, &v);

		tap(status == ints[i].status &&
			v == (status ? 77 : ints[i].value),
		    "integer '%s'", ints[i].s);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t v = 77;
		int status = num_size(sizes[i].s, 1, 1 << 30, &v);

		tap(status == sizes[i].status &&
			v == (status ? 77 : sizes[i].value),
		    "size '%s'", sizes[i].s);
	}
	for (size_t i = 0; i < sizeof(durations) / sizeof(*durations); i++) {
		int64_t v = 77;
		int status = num_duration(durations[i].s, 1, 86400000, &v);

		tap(status == durations[i].status &&
			v == (status ? 77 : durations[i].value),
		    "duration '%s'", durations[i].s);
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		char text[32];

		num_format_duration(formats[i].seconds, text);
		tap(strcmp(text, formats[i].text) == 0, "%g s is '%s'",
		    formats[i].seconds, text);
	}
	return tap_done();
}
