/* option_help - print a set of options for people and for shells */
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

/* Append the text of --help, at most 80 columns wide. */
void option_help_write(const struct option_set *set, struct buf *b);
/*
 * Append the text of --list-options: a line for each option and command, with
 * the name, the argument and the help, and a tab between them.
 */
void option_help_list(const struct option_set *set, struct buf *b);

#endif
