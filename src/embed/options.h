/* pl-embed's options */
#ifndef EMBED_OPTIONS_H
#define EMBED_OPTIONS_H

#include "batch.h"
#include "embed/embedder.h"
#include "record/record_in.h"

struct embed_options {
	struct embedder_options embedder;
	struct record_in_options input;
	struct embed_batch_options batch;
	const char *query_prefix;
	yyjson_doc *body;
	const char **headers;
};

/*
 * Read the environment and the command line; ends the process with CLI_USAGE
 * on a bad one. Strings are borrowed from both.
 */
void embed_options_parse(int argc, char **argv, struct embed_options *o);
/* Free the memory of embed_options_parse. */
void embed_options_free(struct embed_options *o);

#endif
