#include "tool/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "tool/cli.h"

enum { WIDTH = 79 };

int
progress_wanted(int force)
{
	const char *owner = cli_env("PL_PROGRESS", NULL);

	if (owner != NULL && strcmp(owner, "none") == 0)
		return 0;
	return force || isatty(STDERR_FILENO);
}

void
progress_show(const char *line)
{
	fprintf(stderr, "\r%s\033[K", line);
	fflush(stderr);
	cli_set_open_line(1);
}

void
progress_close(void)
{
	fputc('\n', stderr);
	cli_set_open_line(0);
}

void
progress_start(struct progress *p, const char *what, uint64_t total, int force)
{
	*p = (struct progress){.what = what, .total = total};
	p->shown = progress_wanted(force);
	progress_rate_note(&p->rate, time_now(), 0);
}

static void
show(struct progress *p, uint64_t done, double now)
{
	struct progress_line line = {.what = p->what,
	    .total = p->total,
	    .done = done,
	    .rate = progress_rate_note(&p->rate, now, done)};
	struct buf text = {0};

	buf_printf(&text, "%s: ", cli_name());
	progress_line_put(&line, WIDTH, &text);
	progress_show(text.data);
	buf_free(&text);
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
	progress_close();
}
