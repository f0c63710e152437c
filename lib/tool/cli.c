#include "tool/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "text/harmless.h"

static const char *tool_name = "pl";
static int is_verbose;
/* A line on standard error has no end yet. Threads may warn. */
static atomic_int is_line_open;
/* Another program may have such a line on this terminal: PL_PROGRESS=none. */
static int is_line_shared;
static int patience = -1; /* ms, set by cli_set_patience; -1: wait for ever */
static atomic_int lost_lines; /* lines that were dropped */

void
cli_start(const char *name)
{
	const char *owner = cli_env("PL_PROGRESS", NULL);
	int fd;

	tool_name = name;
	is_line_shared = owner != NULL && strcmp(owner, "none") == 0 &&
			 isatty(STDERR_FILENO);
	setlocale(LC_ALL, "C");
	/*
	 * Otherwise the first file opened would get one of these descriptors.
	 * Read-only, so that a write is an error and output is not lost in
	 * silence.
	 */
	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

const char *
cli_name(void)
{
	return tool_name;
}

void
cli_set_name(const char *name)
{
	tool_name = name;
}

void
cli_set_verbose(void)
{
	is_verbose = 1;
}

void
cli_set_patience(int ms)
{
	patience = ms;
}

/* Whether standard error takes a line now, or within the patience. */
static int
is_writable(void)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	int ready = patience < 0 || poll(&p, 1, patience) == 1;

	if (!ready)
		lost_lines++;
	return ready;
}

/*
 * Print a line with one write, so that lines of several stages do not mix. Text
 * from outside must not control the terminal.
 */
__attribute__((format(printf, 2, 0))) static void
say(const char *name, const char *fmt, va_list args, const char *more)
{
	struct buf line = {0}, text = {0};
	va_list again;
	int n;

	if (!is_writable())
		return;
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n > 0) {
		vsnprintf(
		    buf_reserve(&text, (size_t)n), (size_t)n + 1, fmt, again);
		text.len = (size_t)n;
	}
	va_end(again);
	if (atomic_exchange(&is_line_open, 0) || is_line_shared)
		buf_puts(&line, "\r\033[K");
	if (lost_lines > 0)
		buf_printf(&line, "%s: %d lines lost: nobody read them\n",
		    tool_name, atomic_exchange(&lost_lines, 0));
	if (name != NULL)
		buf_printf(&line, "%s: ", name);
	harmless_put(&line, text.data, text.len);
	buf_puts(&line, more);
	buf_putc(&line, '\n');
	/* A failure cannot be reported: standard error is gone. */
	if (write(STDERR_FILENO, line.data, line.len) == -1)
		errno = 0;
	buf_free(&line);
	buf_free(&text);
}

void
cli_set_open_line(int is_open)
{
	is_line_open = is_open;
}

void
cli_warn(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(tool_name, fmt, args, "");
	va_end(args);
}

void
cli_warn_as(const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(name, fmt, args, "");
	va_end(args);
}

void
cli_note(const char *fmt, ...)
{
	va_list args;

	if (!is_verbose)
		return;
	va_start(args, fmt);
	say(tool_name, fmt, args, "");
	va_end(args);
}

void
cli_die(enum cli_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(tool_name, fmt, args, "");
	va_end(args);
	exit(status);
}

void
cli_die_output(void)
{
	cli_die(CLI_FAILED, "standard output: %s", strerror(errno));
}

void
cli_usage(const char *fmt, ...)
{
	char hint[96];
	va_list args;

	snprintf(hint, sizeof(hint), "; see '%s --help'", tool_name);
	va_start(args, fmt);
	say(tool_name, fmt, args, hint);
	va_end(args);
	exit(CLI_USAGE);
}

const char *
cli_env(const char *first, const char *second)
{
	const char *v = getenv(first);

	if ((v == NULL || *v == '\0') && second != NULL)
		v = getenv(second);
	return v != NULL && *v != '\0' ? v : NULL;
}
