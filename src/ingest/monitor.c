#include "monitor.h"

#include <stdlib.h>
#include <yyjson.h>

#include "api.h"
#include "base/buf.h"
#include "changes.h"
#include "ingest.h"
#include "json.h"
#include "source/crawl_status.h"
#include "source/source.h"
#include "tool/cli.h"

/* Scrape a page again. 0, or -1 after the failure was reported. */
static int
scrape(struct ingest_api *api, const char *url, struct ingest_answer *answer)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc), *formats;
	char *body;
	int result;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "url", url);
	formats = yyjson_mut_obj_add_arr(doc, root, "formats");
	yyjson_mut_arr_add_str(doc, formats, "markdown");
	body = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	result = ingest_api_run(api,
	    &(struct ingest_request){
		.path = "/scrape", .body = body, .page = url},
	    answer);
	free(body);
	return result;
}

/* Get the text that the monitor saw, or else the page's text of now. */
static int
get_page(struct ingest_api *api, const struct ingest_change *c,
    struct ingest_answer *answer)
{
	struct buf path = {0};
	int result = -1;

	answer->status = 404;
	if (crawl_status_is_id(c->scrape)) {
		buf_printf(&path, "/scrape/%s", c->scrape);
		result = ingest_api_run(api,
		    &(struct ingest_request){
			.path = path.data, .is_optional = 1, .page = c->url},
		    answer);
		buf_free(&path);
	}
	if (result == 0 || answer->status == 0)
		return result;
	return scrape(api, c->url, answer);
}

void
ingest_monitor_fetch(struct ingest *in)
{
	struct ingest_api *api =
	    in->change_count > 0 ? ingest_api_open(in) : NULL;
	struct ingest_answer answer;

	for (size_t i = 0; i < in->change_count; i++) {
		struct ingest_change *c = in->changes + i;

		in->input = c->url;
		buf_reset(&in->origin, 4096);
		buf_puts(&in->origin, c->url);
		source_open(in->source, c->url);
		/* Not again, once the server is away. */
		if (in->status == CLI_DONE && get_page(api, c, &answer) == 0)
			ingest_json_read_text(in, answer.body, answer.len);
		in->input = "input";
		free(c->url);
		free(c->scrape);
	}
	free(in->changes);
	in->changes = NULL;
	in->change_count = 0;
	ingest_api_free(api);
}
