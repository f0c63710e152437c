/*
 * retry_after - how long a server asks clients to wait
 */
#ifndef RETRY_AFTER_H
#define RETRY_AFTER_H

#include <stdint.h>

/*
 * Seconds from now, or 0: from the header retry-after-ms, else from
 * Retry-After, which has seconds, a date (RFC 9110) or, by mistake, a Unix
 * time. A missing header is NULL. At most a day, as of backoff_asked. now is in
 * Unix seconds.
 */
double retry_after(const char *ms, const char *seconds_or_date, int64_t now);

#endif
