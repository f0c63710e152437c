/*
 * time - clocks, sleeping, and points in time as people write them
 *
 * Waits are measured on the monotonic clock, which nobody can set; only what
 * others read is in Unix time.
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
/* Sleep. 0, or -1 when a signal ended it early. Nothing to do below 0. */
int time_sleep(double seconds);

/* Days since 1970-01-01 of a date in the Gregorian calendar; month from 1. */
int64_t time_days(int64_t year, int month, int day);
/* Days in that month. */
int time_month_days(int64_t year, int month);
/*
 * A point in time as Unix seconds: "@" and those, or ISO 8601 (2026-01-31,
 * 2026-01-31T08:30[:15], with Z, +01:00 or, for local time, nothing behind).
 * 0, or -1 leaving *out alone.
 */
int time_parse(const char *s, int64_t *out);

#endif
