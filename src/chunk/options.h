/* pl-chunk's options; the other modules only read them */
#ifndef CHUNK_OPTIONS_H
#define CHUNK_OPTIONS_H

#include "base/digest.h"
#include "chunk/chunk.h"
#include "record/record.h"
#include "record/record_in.h"

struct chunk_tool_options {
	struct chunk_options chunk;
	struct record_in_options record;
	int explain;
	int count;
	int metadata; /* each chunk gets the document's metadata */
	const char *content_key;
	const char *tokenizer;
	char vocabulary_hash[DIGEST_HEX]; /* SHA-256 of that file */
	unsigned workers;
	/* As given; chunk has the parsed values. */
	const char *max, *target, *overlap;
};

/*
 * Read the command line; ends the process with CLI_USAGE on a bad one. Strings
 * are borrowed from it.
 */
void chunk_options_parse(int argc, char **argv, struct chunk_tool_options *o);

#endif
