#include "tool/retry.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/backoff.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/time.h"
#include "net/db.h"
#include "tool/cli.h"

/*
 * Whether this SQLSTATE was reported in the last minute, also in an earlier
 * loss.
 */
static int
was_reported(struct retry *r, const char *state, double now)
{
	enum { TELL_AGAIN = 60 };
	size_t n;
	char word[8];

	snprintf(word, sizeof(word), "%s ", *state ? state : "-");
	if (r->told_at == 0 || now - r->told_at >= TELL_AGAIN) {
		r->told_at = now;
		*r->told = '\0';
	}
	n = strlen(r->told);
	if (strstr(r->told, word) != NULL ||
	    n + strlen(word) >= sizeof(r->told))
		return 1;
	memcpy(r->told + n, word, strlen(word) + 1);
	return 0;
}

static void
tell(struct retry *r, const struct db *d, const char *doing, double now)
{
	char left[32] = "";

	if (was_reported(r, db_sqlstate(d), now))
		return;
	r->is_told = 1;
	if (r->seconds >= 0)
		num_format_duration(r->since + r->seconds - now, left);
	cli_warn("Postgres: %s%s%s: trying again%s%s", doing ? doing : "",
	    doing ? ": " : "", db_error(d), *left ? " for " : "", left);
}

int
retry_again(struct retry *r, const struct db *d, const char *doing)
{
	static const struct backoff away = {0.1, 2, 0.5};
	double now = time_now(), wait;

	if (r->since <= 0)
		r->since = now;
	wait = backoff_wait(&away, ++r->failures);
	if (r->seconds >= 0)
		wait = fmin(wait, r->since + r->seconds - now);
	if (wait <= 0 || stop_requested())
		return 0;
	tell(r, d, doing, now);
	time_sleep(wait);
	return 1;
}

void
retry_answered(struct retry *r)
{
	if (r->since > 0 && r->is_told)
		cli_warn("Postgres: is back");
	r->since = 0;
	r->is_told = r->failures = 0;
}
