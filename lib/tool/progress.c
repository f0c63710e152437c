#include "tool/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/time.h"
#include "tool/cli.h"

int
progress_wanted(int force)
{
	const char *owner = cli_env("PL_PROGRESS", NULL);

	if (owner != NULL && strcmp(owner, "none") == 0)
		return 0;
	return force || isatty(STDERR_FILENO);
}

void
progress_start(struct progress *p, const char *what, uint64_t total, int force)
{
	*p = (struct progress){.what = what, .total = total};
	p->shown = progress_wanted(force);
	p->started = time_now();
}

static void
show(const struct progress *p, uint64_t done, double now)
{
	double elapsed = now - p->started;
	double rate = elapsed > 0 ? (double)done / elapsed : 0;
	char left[32] = "";

	if (p->total > done && rate > 0)
		num_format_duration((double)(p->total - done) / rate, left);
	if (p->total > 0)
		fprintf(stderr, "\r%s: %llu of %llu %s, %.0f/s%s%s\033[K",
		    cli_name(), (unsigned long long)done,
		    (unsigned long long)p->total, p->what, rate,
		    *left ? ", left " : "", left);
	else
		fprintf(stderr, "\r%s: %llu %s, %.0f/s\033[K", cli_name(),
		    (unsigned long long)done, p->what, rate);
	fflush(stderr);
	cli_set_open_line(1);
}

void
progress_update(struct progress *p, uint64_t done)
{
	double now;

	if (!p->shown)
		return;
	now = time_now();
	if (now - p->last < 0.2)
		return;
	p->last = now;
	show(p, done, now);
}

void
progress_end(struct progress *p, uint64_t done)
{
	if (!p->shown)
		return;
	show(p, done, time_now());
	fputc('\n', stderr);
	cli_set_open_line(0);
}
