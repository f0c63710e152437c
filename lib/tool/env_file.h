/*
 * env_file - settings from ${XDG_CONFIG_HOME:-~/.config}/pl/env
 *
 * A line is NAME=value; empty lines and lines that begin with # say nothing. A
 * line sets a variable that the environment lacks, so that the environment
 * wins. src/pl.sh reads the file by the same rules (read_env_file).
 */
#ifndef ENV_FILE_H
#define ENV_FILE_H

/*
 * Read the file, if there is one, and set what the environment lacks. Ends the
 * process with CLI_FAILED if a line makes no sense, if others may write the
 * file, or if it holds a secret and others may read it.
 */
void env_file_load(void);
/*
 * Split a line in place. 1 with *name and *value (both in line), 0 if the line
 * says nothing, -1 with *why (static).
 */
int env_file_line(
    char *line, const char **name, const char **value, const char **why);
/* Whether the setting is a secret, or an address with a password in it. */
int env_file_is_secret(const char *name, const char *value);

#endif
