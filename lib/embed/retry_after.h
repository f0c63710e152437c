/*
 * retry_after - how long a server asks to be left alone
 */
#ifndef RETRY_AFTER_H
#define RETRY_AFTER_H

#include <stdint.h>

/*
 * Seconds from now, or 0: by the header retry-after-ms, else by Retry-After,
 * seconds or a date (RFC 9110), or by mistake a Unix time; NULL where there is
 * none. At most a day, as of backoff_asked. now is in Unix seconds.
 */
double retry_after(const char *ms, const char *seconds_or_date, int64_t now);

#endif
