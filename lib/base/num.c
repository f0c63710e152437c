#include "base/num.h"

#include <stdio.h>
#include <string.h>

/* Read the digits at s into *v. Returns their end, or NULL. */
static const char *
read_digits(const char *s, uint64_t *v)
{
	const char *p = s;

	*v = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (*v > (UINT64_MAX - digit) / 10)
			return NULL;
		*v = *v * 10 + digit;
	}
	return p == s ? NULL : p;
}

int
num_int(const char *s, int64_t lo, int64_t hi, int64_t *out)
{
	int negative = *s == '-';
	uint64_t v;
	const char *end = read_digits(s + negative, &v);
	int64_t n;

	if (end == NULL || *end != '\0' || v > INT64_MAX)
		return -1;
	n = negative ? -(int64_t)v : (int64_t)v;
	if (n < lo || n > hi)
		return -1;
	*out = n;
	return 0;
}

/* A row of a table of units, which ends with a NULL name. */
struct unit {
	const char *name;
	uint64_t factor;
};

static uint64_t
unit_factor(const struct unit *units, const char *name)
{
	for (; units->name != NULL; units++)
		if (strcmp(units->name, name) == 0)
			return units->factor;
	return 0;
}

static int
read_with_unit(const char *s, const struct unit *units, uint64_t *out)
{
	uint64_t v, factor;
	const char *end = read_digits(s, &v);

	if (end == NULL)
		return -1;
	factor = unit_factor(units, end);
	if (factor == 0 || v > INT64_MAX / factor)
		return -1;
	*out = v * factor;
	return 0;
}

int
num_size(const char *s, size_t lo, size_t hi, size_t *out)
{
	static const struct unit units[] = {{"", 1}, {"b", 1}, {"B", 1},
	    {"k", 1 << 10}, {"K", 1 << 10}, {"KB", 1 << 10}, {"KiB", 1 << 10},
	    {"m", 1 << 20}, {"M", 1 << 20}, {"MB", 1 << 20}, {"MiB", 1 << 20},
	    {"g", 1 << 30}, {"G", 1 << 30}, {"GB", 1 << 30}, {"GiB", 1 << 30},
	    {NULL, 0}};
	uint64_t v;

	if (read_with_unit(s, units, &v) == -1 || v < lo || v > hi)
		return -1;
	*out = (size_t)v;
	return 0;
}

int
num_duration(const char *s, int64_t lo, int64_t hi, int64_t *out)
{
	static const struct unit units[] = {{"", 1000}, {"ms", 1}, {"s", 1000},
	    {"m", 60000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000},
	    {NULL, 0}};
	uint64_t v;

	if (read_with_unit(s, units, &v) == -1 || (int64_t)v < lo ||
	    (int64_t)v > hi)
		return -1;
	*out = (int64_t)v;
	return 0;
}

void
num_format_duration(double seconds, char out[static 32])
{
	long whole = (long)seconds;

	if (seconds < 1)
		snprintf(out, 32, "%.0f ms", seconds * 1000);
	else if (seconds < 60)
		snprintf(out, 32, "%.1f s", seconds);
	else if (whole < 3600)
		snprintf(out, 32, "%ld m %02ld s", whole / 60, whole % 60);
	else
		snprintf(
		    out, 32, "%ld h %02ld m", whole / 3600, whole / 60 % 60);
}
