/* pl-ingest - read what people have and write documents */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/api.h"
#include "ingest/crawl.h"
#include "ingest/ingest.h"
#include "ingest/listing.h"
#include "ingest/monitor.h"
#include "ingest/options.h"
#include "ingest/report.h"
#include "ingest/skip.h"
#include "ingest/walk.h"
#include "record/record_out.h"
#include "source/source.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

static void
read_crawl(struct ingest *in)
{
	struct ingest_api *api = ingest_api_open(in);
	char *started = in->options.start ? ingest_crawl_start(in, api) : NULL;
	const char *id = started ? started : in->options.firecrawl;

	if (id != NULL && !in->options.detach)
		ingest_crawl_read(in, api, id, started != NULL);
	free(started);
	ingest_api_free(api);
}

static void
read_inputs(struct ingest *in, int n, char **names)
{
	in->some_can_open = n == 0;
	for (int i = 0; i < n && !in->some_can_open; i++)
		in->some_can_open = ingest_walk_can_open(names[i]);
	if (n == 0)
		ingest_walk(in, "-");
	for (int i = 0; i < n; i++)
		ingest_walk(in, names[i]);
	ingest_monitor_fetch(in);
}

int
main(int argc, char **argv)
{
	struct ingest in = {0};
	struct ingest_options *o = &in.options;
	struct source_options how = {
	    .give = ingest_report_page, .argument = &in};
	int first;

	cli_start("pl-ingest");
	first = ingest_options_parse(argc, argv, o);
	if (first == argc && o->firecrawl == NULL && o->start == NULL &&
	    isatty(STDIN_FILENO))
		cli_usage("nothing to read: name files or folders, or give "
			  "JSON on standard input");

	how.name = o->source_name;
	how.content_key = o->content_key;
	in.source = source_new(&how);
	in.out = record_out_open(STDOUT_FILENO);
	if (o->progress || !isatty(STDOUT_FILENO))
		progress_start(&in.progress, "documents", 0, o->progress);

	if (o->firecrawl != NULL || o->start != NULL)
		read_crawl(&in);
	else
		read_inputs(&in, argc - first, argv + first);
	in.input = "input";
	source_finish(in.source);
	if (source_is_partial(in.source))
		ingest_listing_lacks(&in);
	ingest_listing_put(&in);

	output_close(in.out);
	progress_end(&in.progress, in.documents);
	ingest_skip_tell(&in);
	ingest_report_account(&in);
	source_free(in.source);
	buf_free(&in.origin);
	buf_free(&in.path);
	buf_free(&in.listing.source);
	ingest_options_free(o);
	if (in.status != CLI_DONE)
		return in.status;
	if (in.opened == 0)
		return CLI_FAILED;
	return in.failed > 0 ? CLI_PARTIAL : CLI_DONE;
}
