/*
 * cli - the conventions every tool shares, and its voice
 *
 * Records go to standard output and nothing else does, except what --help and
 * --version print; words for people go to standard error. The five exit
 * statuses are owned by pl(7).
 */
#ifndef CLI_H
#define CLI_H

enum cli_status {
	CLI_DONE = 0,
	CLI_FAILED = 1, /* trying again will not help */
	CLI_USAGE = 2,
	CLI_PARTIAL = 3,     /* finished; some records refused or failed */
	CLI_UNAVAILABLE = 75 /* a service was unavailable, try again */
};

/*
 * Begin: name is the tool's, and must live as long as the process. Sets the C
 * locale for numbers and makes sure that descriptors 0 to 2 are open.
 */
void cli_start(const char *name);
/* Speak under another name from now on, such as "pl-jobctl retry". */
void cli_set_name(const char *name);
/* The name, as given last. */
const char *cli_name(void);

/* "name: text" on standard error, as one write. */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same under another name; NULL: the text tells who speaks. */
void cli_warn_as(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* From now on cli_note is heard. */
void cli_set_verbose(void);
/* As cli_warn, if cli_set_verbose was called. */
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

/* The first of the environment variables that is set and not empty, or NULL. */
const char *cli_env(const char *first, const char *second);

#endif
