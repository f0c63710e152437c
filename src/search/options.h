/* pl-search's options and its query */
#ifndef SEARCH_OPTIONS_H
#define SEARCH_OPTIONS_H

#include "base/buf.h"

struct search_options {
	const char *collection;
	int limit; /* most hits */
	int json;
	double min_score;
	struct buf query; /* valid UTF-8, not empty */
};

/*
 * Read the command line and the query; ends the process with CLI_USAGE on a bad
 * one. The caller frees query.
 */
void search_options_parse(int argc, char **argv, struct search_options *o);

#endif
