/*
 * option_parse - read the environment and the command line by a table of
 * options
 */
#ifndef OPTION_PARSE_H
#define OPTION_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "tool/option.h"

/*
 * Read the environment and the command line into target, and return the index
 * of the first argument that is no option. The options of a tool with commands
 * end at its command. Ends the process on a bad option or value, and after
 * --help, --version or --list-options.
 */
int option_parse(
    const struct option_set *set, int argc, char **argv, void *target);
/*
 * Read a duration as OPTION_DURATION does, in milliseconds, for a variable that
 * belongs to no option; name is the variable. Ends the process on a bad value.
 */
int64_t option_parse_duration(
    const char *name, const char *value, int64_t low, int64_t high);
/* Check the name of a queue as OPTION_QUEUE does, and return it. */
const char *option_parse_queue(const char *name, const char *value);
/*
 * The index of the command name; ends the process if there is no such command.
 */
size_t option_parse_command(const struct option_set *set, const char *name);

#endif
