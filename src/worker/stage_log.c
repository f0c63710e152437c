#include "stage_log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "tool/cli.h"

enum {
	LINES_A_SECOND = 100,
	READS = 4, /* in one call */
	LAST = 512 /* bytes of the last lines, if there are several */
};

/*
 * Whether the line begins with a name: of the stage, or of a pl program in it.
 */
static int
has_name(const struct worker_stage_log *l, const char *line)
{
	size_t n = strlen(l->name);

	if (strncmp(line, l->name, n) == 0 && line[n] == ':')
		return 1;
	if (strncmp(line, "pl-", 3) != 0)
		return 0;
	return line[3 + strspn(line + 3, "abcdefghijklmnopqrstuvwxyz")] == ':';
}

static void
keep_last(struct worker_stage_log *l)
{
	static const char between[] = "; ";
	const char *next;

	if (l->last.len > 0)
		buf_puts(&l->last, between);
	buf_add(&l->last, l->line.data, l->line.len);
	while (l->last.len > LAST &&
	       (next = strstr(l->last.data, between)) != NULL)
		buf_drop(
		    &l->last, (size_t)(next - l->last.data) + strlen(between));
}

static void
tell_untold(struct worker_stage_log *l)
{
	if (l->untold > 0)
		cli_warn_as(l->name, "%ld more lines", l->untold);
	l->untold = 0;
}

/* The line is complete: keep it, and pass it on within the limit. */
static void
end_line(struct worker_stage_log *l)
{
	double now = time_now();

	if (now - l->second >= 1) {
		tell_untold(l);
		l->second = now;
		l->told = 0;
	}
	if (l->line.len > 0) {
		keep_last(l);
		if (l->told++ >= LINES_A_SECOND)
			l->untold++;
		else if (has_name(l, l->line.data))
			cli_warn_as(NULL, "%s", l->line.data);
		else
			cli_warn_as(l->name, "%s", l->line.data);
	}
	buf_reset(&l->line, WORKER_STAGE_LINE);
}

static void
take(struct worker_stage_log *l, const char *s, size_t n)
{
	while (n > 0) {
		const char *end = memchr(s, '\n', n);
		size_t len = end != NULL ? (size_t)(end - s) : n;
		size_t room = WORKER_STAGE_LINE - l->line.len;

		buf_add(&l->line, s, len < room ? len : room);
		if (end == NULL)
			return;
		end_line(l);
		s += len + 1;
		n -= len + 1;
	}
}

void
worker_stage_log_open(struct worker_stage_log *l, int fd, const char *name)
{
	l->fd = fd;
	l->name = name;
	l->told = 0;
	l->second = 0;
	buf_reset(&l->last, WORKER_STAGE_LINE);
	fcntl(fd, F_SETFL, O_NONBLOCK);
}

void
worker_stage_log_read(struct worker_stage_log *l)
{
	char piece[16 << 10];

	for (int i = 0; i < READS && l->fd != -1; i++) {
		ssize_t n = read(l->fd, piece, sizeof(piece));

		if (n == -1)
			break;
		if (n == 0) {
			close(l->fd);
			l->fd = -1;
			break;
		}
		take(l, piece, (size_t)n);
	}
	if (l->untold > 0 && time_now() - l->second >= 1)
		tell_untold(l);
}

void
worker_stage_log_close(struct worker_stage_log *l)
{
	if (l->fd == -1)
		return;
	worker_stage_log_read(l);
	if (l->line.len > 0)
		end_line(l);
	tell_untold(l);
	if (l->fd != -1)
		close(l->fd);
	l->fd = -1;
}

const char *
worker_stage_log_last(const struct worker_stage_log *l)
{
	return l->last.len > 0 ? l->last.data : "";
}

void
worker_stage_log_free(struct worker_stage_log *l)
{
	buf_free(&l->line);
	buf_free(&l->last);
}
