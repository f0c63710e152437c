/*
 * cli - the conventions every tool shares, and its voice
 *
 * Records go to standard output and nothing else does, except what --help and
 * --version print; words for people go to standard error. The five exit
 * statuses are owned by pl(7).
 */
#ifndef CLI_H
#define CLI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct option;

enum cli_status {
	CLI_DONE = 0,
	CLI_FAILED = 1, /* trying again will not help */
	CLI_USAGE = 2,
	CLI_PARTIAL = 3,     /* finished; some records refused or failed */
	CLI_UNAVAILABLE = 75 /* a service was unavailable, try again */
};

/* Values of the long options that every tool has; above any character. */
enum { CLI_OPT_HELP = 0x1000, CLI_OPT_VERSION, CLI_OPT_FIRST };

/* Rows for a tool's struct option table. */
/* clang-format off */
#define CLI_OPTIONS \
	{"help", no_argument, NULL, CLI_OPT_HELP}, \
	{"version", no_argument, NULL, CLI_OPT_VERSION}, \
	{"verbose", no_argument, NULL, 'v'}, \
	{NULL, 0, NULL, 0}
/* clang-format on */

/*
 * Begin: name is the tool's fixed name, help the whole text of --help. Both
 * must live as long as the process. Sets the C locale for numbers and makes
 * sure that descriptors 0 to 2 are open.
 */
void cli_start(const char *name, const char *help);
/*
 * getopt_long, answering --help, --version and -v itself and ending the
 * process with CLI_USAGE on an option it does not know.
 */
int cli_next(
    int argc, char **argv, const char *letters, const struct option *options);
/* The tool's name, as given to cli_start. */
const char *cli_name(void);

/* "name: text" on standard error, as one write. */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same under another name; NULL: the text tells who speaks. */
void cli_warn_as(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* As cli_warn, only with -v. */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * Say whether a line on standard error has no end yet, as one of progress: the
 * next message clears it.
 */
void cli_set_open_line(int is_open);
/*
 * From now on a message is dropped, and counted for the next one, when standard
 * error does not take it within so many ms: whoever reads it may have stopped.
 */
void cli_set_patience(int ms);
/* Warn, then end the process with status. */
_Noreturn void cli_die(enum cli_status status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for standard output, which did not take something; errno says why.
 */
_Noreturn void cli_die_output(void);
/* Warn with a hint at --help, then end the process with CLI_USAGE. */
_Noreturn void cli_usage(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* Values of options; each ends the process with CLI_USAGE on a bad one. */
int64_t cli_int(const char *option, const char *s, int64_t lo, int64_t hi);
size_t cli_size(const char *option, const char *s, size_t lo, size_t hi);
/* Milliseconds. */
int64_t cli_duration(const char *option, const char *s, int64_t lo, int64_t hi);
/* The first of the environment variables that is set and not empty, or NULL. */
const char *cli_env(const char *first, const char *second);

#endif
