/*
 * option - the options of a tool, or of one command of it, as one table
 *
 * The table drives the parsing (option_parse), the text of --help, and the
 * completion in shells, which ask the tool itself by --list-options
 * (option_help; pl(7) has the format).
 *
 * An option that was not given has the value of its environment variable; if
 * that is not set or empty, its standard value; without one, its member of the
 * target keeps what the caller put there.
 */
#ifndef OPTION_H
#define OPTION_H

#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPTION_TITLE,	   /* no option: help is a title above the next rows */
	OPTION_FLAG,	   /* int: 1 */
	OPTION_TEXT,	   /* const char *: the argument, borrowed */
	OPTION_NAME,	   /* const char *: the argument, which is not empty */
	OPTION_COLLECTION, /* const char *: the name of a collection */
	OPTION_QUEUE,	   /* const char *: the name of a queue */
	OPTION_NUMBER,	   /* an integer of 4 or 8 bytes: from low to high */
	OPTION_SIZE,	   /* size_t: bytes, from low to high */
	OPTION_DURATION,   /* int64_t: milliseconds, from low to high */
	OPTION_SECONDS,	   /* double: seconds, from low to high milliseconds */
	OPTION_CHOICE,	   /* int: index, from 0, of the word in argument */
	OPTION_WORD,	   /* const char *: one of the words of argument */
	OPTION_CALL	   /* calls take */
};

/* Milliseconds, for the bounds of durations. */
enum { OPTION_HOUR = 3600000, OPTION_DAY = 24 * OPTION_HOUR };

struct option_row;

/*
 * Take the option's argument (NULL for an option without one). name is the
 * option or the variable as it was given, for messages.
 */
typedef void option_take(void *target, const struct option_row *row,
    const char *name, const char *value);

struct option_row {
	enum option_type type;
	char letter; /* or 0 */
	const char *name;
	/* The argument for --help, or "a|b|c"; NULL: the option takes none. */
	const char *argument;
	size_t offset, width; /* of a member of the target: OPTION_TO */
	int64_t low, high;
	const char *standard;	 /* default, as a user types it, or NULL */
	const char *environment; /* the variable's name, or NULL */
	const char *help;	 /* without line ends */
	option_take *take;	 /* for OPTION_CALL */
};

/* clang-format off */
/* Initializers of offset and width. */
#define OPTION_TO(type_, member_) \
	.offset = offsetof(type_, member_), \
	.width = sizeof(((type_ *)0)->member_)

/* Rows that more than one tool has. */
#define OPTION_ROW_MAX_RECORD(type_, member_) \
	{OPTION_SIZE, .name = "max-record", .argument = "SIZE", \
	    OPTION_TO(type_, member_), .low = 1, .high = 1 << 30, \
	    .standard = "64MiB", .help = "refuse a longer line"}
#define OPTION_ROW_INVALID(type_, member_) \
	{OPTION_CHOICE, .name = "invalid", .argument = "replace|reject", \
	    OPTION_TO(type_, member_), .standard = "replace", \
	    .help = "replace NUL, lone surrogates and invalid UTF-8 by " \
		    "U+FFFD, or reject the record"}
#define OPTION_ROW_RETRY_FOR(type_, member_) \
	{OPTION_SECONDS, .name = "retry-for", .argument = "DURATION", \
	    OPTION_TO(type_, member_), .low = 0, .high = OPTION_DAY, \
	    .standard = "30s", .help = "keep trying a lost Postgres this long"}
#define OPTION_ROW_PROGRESS(type_, member_) \
	{OPTION_FLAG, .name = "progress", OPTION_TO(type_, member_), \
	    .help = "show progress also without a terminal"}
/* clang-format on */

struct option_set {
	const char *name;    /* of a command: "retry"; else NULL */
	const char *usage;   /* text behind the name in the usage line */
	const char *summary; /* of a command: one line; else NULL */
	const char *about;   /* paragraphs of --help above the options */
	const char *more;    /* paragraphs below the options */
	const struct option_row *rows; /* ends with a row without help */
	/* The commands of a tool, which NULL ends; NULL if it has none. */
	const struct option_set *const *commands;
};

#endif
