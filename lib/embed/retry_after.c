#include "embed/retry_after.h"

#include <string.h>

#include "base/backoff.h"
#include "base/time.h"

/* A plain decimal of seconds or milliseconds, or -1. */
static double
read_decimal(const char *s)
{
	double v = 0, unit = 1;
	const char *p = s;

	while (*p >= '0' && *p <= '9' && v < 1e15)
		v = v * 10 + (*p++ - '0');
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++)
			v += (*p - '0') * (unit /= 10);
	while (*p == ' ' || *p == '\t')
		p++;
	return p == s || *p != '\0' ? -1 : v;
}

/*
 * Read a number of at most width digits at *s, and the character that ends it.
 * -1 if there is no number, or another character.
 */
static int64_t
take_number(const char **s, int width, char end)
{
	int64_t v = 0;
	int n = 0;

	for (; n < width && **s >= '0' && **s <= '9'; n++)
		v = v * 10 + (*(*s)++ - '0');
	if (n == 0 || **s != end)
		return -1;
	(*s)++;
	return v;
}

/* Unix seconds of "Mon, 23 Nov 2026 17:45:00 GMT" (RFC 9110), or -1. */
static int64_t
read_date(const char *s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int64_t month = 1, day, year, hour, minute, second;

	if (strlen(s) < 25 || s[3] != ',' || s[4] != ' ')
		return -1;
	s += 5;
	day = take_number(&s, 2, ' ');
	while (month <= 12 && strncmp(s, months + (month - 1) * 3, 3) != 0)
		month++;
	if (day < 1 || day > 31 || month > 12 || s[3] != ' ')
		return -1;
	s += 4;
	year = take_number(&s, 4, ' ');
	hour = take_number(&s, 2, ':');
	minute = hour < 0 ? -1 : take_number(&s, 2, ':');
	second = minute < 0 ? -1 : take_number(&s, 2, ' ');
	if (year < 1970 || second < 0 || strcmp(s, "GMT") != 0)
		return -1;
	return time_days(year, (int)month, (int)day) * 86400 + hour * 3600 +
	       minute * 60 + second;
}

double
retry_after(const char *ms, const char *seconds_or_date, int64_t now)
{
	double v = ms ? read_decimal(ms) : -1;
	int64_t date;

	if (v >= 0)
		return backoff_asked(v / 1000, now);
	if (seconds_or_date == NULL)
		return 0;
	v = read_decimal(seconds_or_date);
	if (v >= 0)
		return backoff_asked(v, now);
	date = read_date(seconds_or_date);
	return date > now ? backoff_asked((double)(date - now), now) : 0;
}
