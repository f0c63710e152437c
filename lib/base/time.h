/*
 * time - clocks, sleeping, and points in time as people write them
 *
 * Waits are measured on the monotonic clock, which nobody can set. Only times
 * for other programs and people are Unix times.
 */
#ifndef TIME_H
#define TIME_H

#include <stdint.h>

/* Seconds on the monotonic clock. */
double time_now(void);
/* Milliseconds since 1970, UTC. */
int64_t time_unix_ms(void);
/* Seconds since 1970, UTC. */
int64_t time_unix(void);
/* Sleep, if seconds is above 0. 0, or -1 if a signal ended the sleep early. */
int time_sleep(double seconds);

/* Days since 1970-01-01 of a date in the Gregorian calendar; month from 1. */
int64_t time_days(int64_t year, int month, int day);
/* The number of days in a month; month from 1. */
int time_month_days(int64_t year, int month);
/*
 * Parse a point in time into Unix seconds: "@" and Unix seconds, or ISO 8601
 * (2026-01-31, 2026-01-31T08:30[:15]) with Z, with an offset such as +01:00,
 * or, for local time, with neither. 0, or -1 with *out unchanged.
 */
int time_parse(const char *s, int64_t *out);

#endif
