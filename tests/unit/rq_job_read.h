/*
 * rq_job_read - read fields of pl as RQ does, for tests of rq_job
 *
 * pl itself never reads a text and never writes a time.
 */
#ifndef RQ_JOB_READ_H
#define RQ_JOB_READ_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/encode.h"
#include "queue/rq_job.h"

enum { TIME_TEXT = 28 }; /* YYYY-MM-DDTHH:MM:SS.ffffffZ and the NUL */

/* Read the output of rq_job_text. 0, or -1 with *why. */
static int
read_text(struct rq_job *r, struct buf *out, const char *s, size_t n,
    const char **why)
{
	size_t size = encode_base64_size(s, n);
	struct buf zlib = {0};
	int status = -1;

	*why = "not base64";
	if (size != SIZE_MAX &&
	    encode_base64_read(s, n, buf_reserve(&zlib, size)) == 0)
		status = rq_job_inflate(
		    r, out, zlib.data, size, RQ_JOB_JSON_MAX, why);
	buf_free(&zlib);
	return status;
}

/* Write microseconds since 1970, UTC, as RQ does; years 1 to 9999. */
static void
write_time(int64_t micros, char out[static TIME_TEXT])
{
	const int64_t first = -62135596800000000, last = 253402300799999999;
	int64_t day, second, fraction, year, rest;
	int month;

	micros = micros < first ? first : micros > last ? last : micros;
	fraction = (micros % 1000000 + 1000000) % 1000000;
	second = (micros - fraction) / 1000000;
	day = second / 86400 - (second % 86400 < 0);
	second -= day * 86400;
	day += 719468;
	rest = day % 146097;
	year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	rest -= 365 * year + year / 4 - year / 100;
	year += day / 146097 * 400;
	month = (int)(5 * rest + 2) / 153;
	rest -= (153 * month + 2) / 5;
	month += month < 10 ? 3 : -9;
	year += month <= 2;
	snprintf(out, TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
	    (unsigned)year % 10000, (unsigned)month % 100,
	    (unsigned)(rest + 1) % 100, (unsigned)(second / 3600) % 100,
	    (unsigned)(second / 60 % 60), (unsigned)(second % 60),
	    (unsigned)fraction % 1000000);
}

#endif
