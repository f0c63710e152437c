/* pl-ingest's options */
#ifndef INGEST_OPTIONS_H
#define INGEST_OPTIONS_H

#include <stddef.h>

/* Globs of --include or --exclude, borrowed from the command line. */
struct ingest_globs {
	const char **patterns;
	size_t n;
};

struct ingest_options {
	const char *source_name, *base_url, *content_key;
	int format;	  /* index of the word given to --format */
	const char *type; /* content type of that format, or NULL */
	struct ingest_globs include, exclude;
	size_t max_record;
	int reject_invalid;
	int progress, quiet;
	int list_formats;
	/* Firecrawl's API */
	const char *firecrawl, *start, *crawl_options, *webhook;
	const char *api; /* "v1" or "v2" */
	int detach, once, allow_private;
	double retry_for; /* seconds */
	/* a map */
	const char *map;    /* its file, or NULL */
	char *program;	    /* its text, or NULL */
	double map_timeout; /* seconds */
	size_t map_output;  /* bytes */
};

/*
 * Read the environment and the command line, and return the index of the first
 * input; ends the process with CLI_USAGE on a bad option, and after --formats.
 */
int ingest_options_parse(int argc, char **argv, struct ingest_options *o);
/* Free the memory of ingest_options_parse. */
void ingest_options_free(struct ingest_options *o);

#endif
