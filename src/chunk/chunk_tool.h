/* chunk_tool - the options of pl-chunk, which its parts only read */
#ifndef CHUNK_TOOL_H
#define CHUNK_TOOL_H

#include "chunk/chunk.h"
#include "record/record.h"
#include "record/record_in.h"

struct chunk_tool_options {
	struct chunk_options chunk;
	struct record_in_options record;
	int explain;
	int count;
	int metadata; /* of the document goes with its chunks */
	const char *content_key;
	const char *tokenizer;
	unsigned workers;
};

#endif
