#include "num.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Digits of s into *v; returns what follows them, or NULL. */
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

/* The factor of a unit name in a table that ends with a NULL name; 0: none. */
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

/* Exactly n digits, and *s behind them; -1 when they are not there. */
static int
digits(const char **s, int n)
{
	int v = 0;

	while (n-- > 0) {
		if (**s < '0' || **s > '9')
			return -1;
		v = 10 * v + *(*s)++ - '0';
	}
	return v;
}

/* Z, +hh:mm, -hhmm: minutes ahead of UTC. 1, 0 nothing is there, -1 wrong. */
static int
read_zone(const char *s, int *minutes)
{
	int sign = *s == '-' ? -1 : 1, hours, rest = 0;

	*minutes = 0;
	if (*s == '\0')
		return 0;
	if (strcmp(s, "Z") == 0 || strcmp(s, "z") == 0)
		return 1;
	if (*s != '+' && *s != '-')
		return -1;
	s++;
	hours = digits(&s, 2);
	if (*s == ':')
		s++;
	if (*s != '\0')
		rest = digits(&s, 2);
	if (hours < 0 || hours > 14 || rest < 0 || rest > 59 || *s != '\0')
		return -1;
	*minutes = sign * (60 * hours + rest);
	return 1;
}

/* Days since 1970-01-01 of a date in the Gregorian calendar. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;

	return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day -
	       1 - 719468;
}

static int
read_time(const char **s, struct tm *t)
{
	if (**s != 'T' && **s != 't' && **s != ' ')
		return 0;
	(*s)++;
	t->tm_hour = digits(s, 2);
	if (*(*s)++ != ':')
		return -1;
	t->tm_min = digits(s, 2);
	if (**s == ':') {
		(*s)++;
		t->tm_sec = digits(s, 2);
	}
	return t->tm_hour < 0 || t->tm_hour > 23 || t->tm_min < 0 ||
		       t->tm_min > 59 || t->tm_sec < 0 || t->tm_sec > 60
		   ? -1
		   : 0;
}

int
num_moment(const char *s, int64_t *out)
{
	static const int lengths[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	struct tm t = {.tm_isdst = -1};
	int year, zone, minutes;

	if (*s == '@')
		return num_int(s + 1, 0, 253402300799, out);
	year = digits(&s, 4);
	if (year < 1970 || *s++ != '-')
		return -1;
	t.tm_mon = digits(&s, 2) - 1;
	if (t.tm_mon < 0 || t.tm_mon > 11 || *s++ != '-')
		return -1;
	t.tm_mday = digits(&s, 2);
	if (t.tm_mday < 1 || t.tm_mday > lengths[t.tm_mon] ||
	    (t.tm_mon == 1 && t.tm_mday == 29 &&
		(year % 4 != 0 || (year % 100 == 0 && year % 400 != 0))) ||
	    read_time(&s, &t) == -1)
		return -1;
	zone = read_zone(s, &minutes);
	if (zone == -1)
		return -1;
	t.tm_year = year - 1900;
	*out = zone == 0 ? (int64_t)mktime(&t)
			 : 86400 * days_of(year, t.tm_mon + 1, t.tm_mday) +
			       3600 * t.tm_hour + 60 * t.tm_min + t.tm_sec -
			       60 * minutes;
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
