/* pl-enqueue's options */
#ifndef ENQUEUE_OPTIONS_H
#define ENQUEUE_OPTIONS_H

#include <stdint.h>

#include "record/document.h"
#include "record/record_in.h"
#include "store/intake.h"
#include "store/prune.h"

struct enqueue_options {
	struct intake_options docs;
	struct document_defaults defaults;
	struct record_in_options input;
	struct prune_options prune;
	double retry_for; /* seconds */
	int progress, quiet;
	uint8_t job[DIGEST_UUID]; /* docs.job points here, if it is given */
	/* As given; docs and defaults have the parsed values. */
	const char *source, *at, *job_text, *job_file;
	int64_t timeout, delay; /* ms */
};

/*
 * Read the environment and the command line; ends the process with CLI_USAGE
 * on a bad one. The strings of o are borrowed from both.
 */
void enqueue_options_parse(int argc, char **argv, struct enqueue_options *o);

#endif
