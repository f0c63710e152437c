/*
 * cli - conventions of all tools: messages, exit statuses, environment
 *
 * Standard output gets only records, and the text of --help and --version.
 * Messages for people go to standard error. pl(7) explains the five exit
 * statuses.
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
 * Start the tool. name is the tool's name, and must live as long as the
 * process. Sets the C locale for numbers, and makes sure that descriptors 0 to
 * 2 are open.
 */
void cli_start(const char *name);
/* Change the name in messages, for example to "pl-jobctl retry". */
void cli_set_name(const char *name);
/* The name in messages. */
const char *cli_name(void);

/* "name: text" on standard error, as one write. */
void cli_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* As cli_warn, with another name; NULL: without a name in front. */
void cli_warn_as(const char *name, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* From now on cli_note prints. */
void cli_set_verbose(void);
/* As cli_warn, if cli_set_verbose was called. */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * Set whether a line on standard error has no end yet, as a line of progress.
 * The next message clears that line.
 */
void cli_set_open_line(int is_open);
/*
 * From now on a message is dropped if standard error does not take it within ms
 * milliseconds, because its reader may have stopped. The next message tells the
 * number of lines lost.
 */
void cli_set_patience(int ms);
/* Warn, then end the process with status. */
_Noreturn void cli_die(enum cli_status status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* End the process because standard output failed; errno says why. */
_Noreturn void cli_die_output(void);
/* Warn, with a hint to --help, then end the process with CLI_USAGE. */
_Noreturn void cli_usage(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));

/* The first of the environment variables that is set and not empty, or NULL. */
const char *cli_env(const char *first, const char *second);

#endif
