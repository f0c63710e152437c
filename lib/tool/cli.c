#include "tool/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "text/harmless.h"

#ifndef PL_VERSION
#define PL_VERSION "unknown"
#endif

static const char *tool_name = "pl", *tool_help = "";
static int verbosity;
/* A line on standard error has no end yet. Threads may warn. */
static atomic_int is_line_open;
static int patience = -1;  /* of cli_set_patience */
static atomic_int unheard; /* lines that were dropped */

void
cli_start(const char *name, const char *help)
{
	int fd;

	tool_name = name;
	tool_help = help;
	setlocale(LC_ALL, "C");
	/*
	 * Else the first file opened would become one of these. Read-only, so
	 * that output that cannot arrive is a failure and not lost in silence.
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

/* What --help and --version print must arrive: a full disk is a failure. */
static _Noreturn void
print_and_exit(const char *text)
{
	if (fputs(text, stdout) == EOF || fclose(stdout) == EOF)
		cli_die_output();
	exit(CLI_DONE);
}

int
cli_next(
    int argc, char **argv, const char *letters, const struct option *options)
{
	static char version[128];
	int c;

	opterr = 0;
	for (;;) {
		c = getopt_long(argc, argv, letters, options, NULL);
		switch (c) {
		case 'v':
			verbosity++;
			continue;
		case CLI_OPT_HELP:
			print_and_exit(tool_help);
		case CLI_OPT_VERSION:
			snprintf(version, sizeof(version), "%s (pl) %s\n",
			    tool_name, PL_VERSION);
			print_and_exit(version);
		case ':':
			cli_usage(
			    "option '%s' needs a value", argv[optind - 1]);
		case '?':
			if (optopt > 0 && optopt < CLI_OPT_HELP)
				cli_usage("option '-%c' is not known", optopt);
			cli_usage("option '%s' is not known, ambiguous, or "
				  "takes no value",
			    argv[optind - 1]);
		default:
			return c;
		}
	}
}

void
cli_set_patience(int ms)
{
	patience = ms;
}

/* Whether standard error takes a line now, or soon enough. */
static int
is_heard(void)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	int ready = patience < 0 || poll(&p, 1, patience) == 1;

	if (!ready)
		unheard++;
	return ready;
}

/*
 * One write per line, so that the stages of a pipeline do not interleave. Text
 * from outside must not drive the terminal.
 */
__attribute__((format(printf, 2, 0))) static void
say(const char *name, const char *fmt, va_list args, const char *more)
{
	struct buf line = {0}, text = {0};
	va_list again;
	int n;

	if (!is_heard())
		return;
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n > 0) {
		vsnprintf(
		    buf_reserve(&text, (size_t)n), (size_t)n + 1, fmt, again);
		text.len = (size_t)n;
	}
	va_end(again);
	if (atomic_exchange(&is_line_open, 0))
		buf_puts(&line, "\r\033[K");
	if (unheard > 0)
		buf_printf(&line, "%s: %d lines lost: nobody read them\n",
		    tool_name, atomic_exchange(&unheard, 0));
	if (name != NULL)
		buf_printf(&line, "%s: ", name);
	harmless_put(&line, text.data, text.len);
	buf_puts(&line, more);
	buf_putc(&line, '\n');
	/* If standard error is gone there is nobody left to tell. */
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

	if (verbosity == 0)
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

int64_t
cli_int(const char *option, const char *s, int64_t lo, int64_t hi)
{
	int64_t v;

	if (num_int(s, lo, hi, &v) == -1)
		cli_usage("%s '%s': expected a whole number from %lld to %lld",
		    option, s, (long long)lo, (long long)hi);
	return v;
}

size_t
cli_size(const char *option, const char *s, size_t lo, size_t hi)
{
	size_t v;

	if (num_size(s, lo, hi, &v) == -1)
		cli_usage("%s '%s': expected a size such as 64KiB or 16MiB, "
			  "from %zu to %zu bytes",
		    option, s, lo, hi);
	return v;
}

int64_t
cli_duration(const char *option, const char *s, int64_t lo, int64_t hi)
{
	int64_t v;
	char low[32], high[32];

	if (num_duration(s, lo, hi, &v) == 0)
		return v;
	num_format_duration((double)lo / 1000, low);
	num_format_duration((double)hi / 1000, high);
	cli_usage("%s '%s': expected a duration such as 250ms, 30s, 5m or 1h, "
		  "from %s to %s",
	    option, s, low, high);
}

const char *
cli_env(const char *first, const char *second)
{
	const char *v = getenv(first);

	if ((v == NULL || *v == '\0') && second != NULL)
		v = getenv(second);
	return v != NULL && *v != '\0' ? v : NULL;
}
