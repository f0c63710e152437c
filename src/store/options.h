/* pl-store's options */
#ifndef STORE_OPTIONS_H
#define STORE_OPTIONS_H

#include "record/record_in.h"
#include "store/collection.h"

struct store_options {
	const char *collection;
	enum collection_distance distance; /* of a new collection */
	size_t batch_documents, batch_bytes;
	double retry_for; /* seconds */
	struct record_in_options input;
	int progress;
};

/* Read the command line; ends the process with CLI_USAGE on a bad one. */
void store_options_parse(int argc, char **argv, struct store_options *o);

#endif
