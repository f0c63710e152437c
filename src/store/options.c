#include "options.h"

#include <getopt.h>
#include <string.h>

#include "tool/cli.h"

enum {
	OPT_COLLECTION = CLI_OPT_FIRST,
	OPT_DISTANCE,
	OPT_BATCH_DOCUMENTS,
	OPT_BATCH_BYTES,
	OPT_RETRY_FOR,
	OPT_MAX_RECORD,
	OPT_INVALID,
	OPT_PROGRESS
};

static const struct option long_options[] = {
    {"collection", required_argument, NULL, OPT_COLLECTION},
    {"distance", required_argument, NULL, OPT_DISTANCE},
    {"batch-documents", required_argument, NULL, OPT_BATCH_DOCUMENTS},
    {"batch-bytes", required_argument, NULL, OPT_BATCH_BYTES},
    {"retry-for", required_argument, NULL, OPT_RETRY_FOR},
    {"max-record", required_argument, NULL, OPT_MAX_RECORD},
    {"invalid", required_argument, NULL, OPT_INVALID},
    {"progress", no_argument, NULL, OPT_PROGRESS}, CLI_OPTIONS};

static void
set_invalid(struct store_options *o, const char *value)
{
	if (strcmp(value, "reject") == 0)
		o->input.reject_invalid = 1;
	else if (strcmp(value, "replace") == 0)
		o->input.reject_invalid = 0;
	else
		cli_usage("--invalid '%s': expected replace or reject", value);
}

static enum collection_distance
read_distance(const char *value)
{
	int distance = collection_distance_parse(value);

	if (distance == -1)
		cli_usage("--distance '%s': expected cosine, l2 or ip", value);
	return (enum collection_distance)distance;
}

void
store_options_parse(int argc, char **argv, struct store_options *o)
{
	int c;

	*o = (struct store_options){.collection = "default",
	    .batch_documents = 64,
	    .batch_bytes = 4 << 20,
	    .retry_for = 30};
	while ((c = cli_next(argc, argv, ":v", long_options)) != -1)
		switch (c) {
		case OPT_COLLECTION:
			o->collection = optarg;
			break;
		case OPT_DISTANCE:
			o->distance = read_distance(optarg);
			break;
		case OPT_BATCH_DOCUMENTS:
			o->batch_documents = (size_t)cli_int(
			    "--batch-documents", optarg, 1, 10000);
			break;
		case OPT_BATCH_BYTES:
			o->batch_bytes =
			    cli_size("--batch-bytes", optarg, 1, 1 << 30);
			break;
		case OPT_RETRY_FOR:
			o->retry_for = (double)cli_duration("--retry-for",
					   optarg, 0, 24 * 3600 * 1000) /
				       1000;
			break;
		case OPT_MAX_RECORD:
			o->input.max_record =
			    cli_size("--max-record", optarg, 1, 1 << 30);
			break;
		case OPT_INVALID:
			set_invalid(o, optarg);
			break;
		case OPT_PROGRESS:
			o->progress = 1;
			break;
		}
	if (optind < argc)
		cli_usage("'%s': this tool reads standard input and takes no "
			  "arguments",
		    argv[optind]);
	if (!collection_name_ok(o->collection))
		cli_usage("--collection '%s': a name is 1 to 40 of a-z, 0-9 "
			  "and _",
		    o->collection);
}
