/*
 * option_help - what people and shells are told about a set of options
 */
#ifndef OPTION_HELP_H
#define OPTION_HELP_H

#include "tool/option.h"

struct buf;

/* The options that every tool has, in this order. */
enum {
	OPTION_HELP_VERBOSE,
	OPTION_HELP_HELP,
	OPTION_HELP_VERSION,
	OPTION_HELP_LIST,
	OPTION_HELP_COMMON
};
extern const struct option_row option_help_common[OPTION_HELP_COMMON];

/* The text of --help, at most 80 columns wide. */
void option_help_write(const struct option_set *set, struct buf *b);
/*
 * The text of --list-options: a line for each option and command, with what is
 * typed, the argument and the help, and a tab between them.
 */
void option_help_list(const struct option_set *set, struct buf *b);

#endif
