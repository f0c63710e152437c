/* pl-webhook's options */
#ifndef WEBHOOK_OPTIONS_H
#define WEBHOOK_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

struct webhook_options {
	const char *listen;  /* ADDR:PORT */
	const char *secrets; /* a folder, or NULL */
	size_t max_body, max_memory;
	int64_t timeout; /* ms */
	int connections;
	int is_stdin;
};

/*
 * Read the environment and the command line; ends the process with CLI_USAGE on
 * a bad one. The strings of o are borrowed from both.
 */
void webhook_options_parse(int argc, char **argv, struct webhook_options *o);

#endif
