/*
 * secret - secrets from the environment, or from files that it names
 *
 * A file keeps a secret out of the environment of other programs, and out of
 * the settings of a service.
 */
#ifndef SECRET_H
#define SECRET_H

/*
 * The value of the variable; if it is not set or empty, the first line of the
 * file that NAME_FILE names, which then becomes the variable's value; NULL if
 * neither is set. Ends the process with CLI_FAILED if the file cannot be read
 * or has no such line.
 */
const char *secret_env(const char *name);

#endif
