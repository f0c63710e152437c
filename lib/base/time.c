#include "base/time.h"

#include <string.h>
#include <time.h>

#include "base/num.h"

double
time_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int64_t
time_unix_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
time_unix(void)
{
	return time_unix_ms() / 1000;
}

int
time_sleep(double seconds)
{
	struct timespec t;

	if (seconds <= 0)
		return 0;
	t.tv_sec = (time_t)seconds;
	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	return nanosleep(&t, NULL);
}

/* Years start in March here, so that a leap day is the last day of a year. */
int64_t
time_days(int64_t year, int month, int day)
{
	year -= month <= 2;
	month += month <= 2 ? 9 : -3;
	return 365 * year + year / 4 - year / 100 + year / 400 +
	       (153 * month + 2) / 5 + day - 1 - 719468;
}

int
time_month_days(int64_t year, int month)
{
	static const char days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

/* Read exactly n digits and move *s behind them; -1 if there are fewer. */
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

/* Read Z, +hh:mm or -hhmm as minutes ahead of UTC. 1, 0 if empty, or -1. */
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
time_parse(const char *s, int64_t *out)
{
	struct tm t = {.tm_isdst = -1};
	int year, month, zone, minutes;

	if (*s == '@')
		return num_int(s + 1, 0, 253402300799, out);
	year = digits(&s, 4);
	if (year < 1970 || *s++ != '-')
		return -1;
	month = digits(&s, 2);
	if (month < 1 || month > 12 || *s++ != '-')
		return -1;
	t.tm_mday = digits(&s, 2);
	if (t.tm_mday < 1 || t.tm_mday > time_month_days(year, month) ||
	    read_time(&s, &t) == -1)
		return -1;
	zone = read_zone(s, &minutes);
	if (zone == -1)
		return -1;
	t.tm_year = year - 1900;
	t.tm_mon = month - 1;
	*out = zone == 0 ? (int64_t)mktime(&t)
			 : 86400 * time_days(year, month, t.tm_mday) +
			       3600 * t.tm_hour + 60 * t.tm_min + t.tm_sec -
			       60 * minutes;
	return 0;
}
