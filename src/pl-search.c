/* pl-search - find what was stored */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/num.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record.h"
#include "record/record_out.h"
#include "search/options.h"
#include "search/query.h"
#include "search/search.h"
#include "store/collection.h"
#include "store/collection_search.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/output.h"

enum {
	WIDTH_MIN = 40,
	WIDTH_MAX = 100 /* longer lines are hard to read */
};

/* The database. */

static void
find_collection(struct db *d, struct collection *v)
{
	struct buf all = {0};
	int found;

	if (collection_find(d, v, &found) == -1)
		connect_die(d);
	if (found)
		return;
	if (collection_list(d, &all) == -1)
		connect_die(d);
	if (all.len == 0)
		cli_die(CLI_FAILED,
		    "collection %s: there is no collection "
		    "yet; pl-store makes one",
		    v->name);
	cli_die(CLI_FAILED, "collection %s: there is no such; there are: %s",
	    v->name, all.data);
}

/* Output. */

static void
add_text(yyjson_mut_doc *doc, const char *key, const struct db_result *r,
    int row, enum collection_column column)
{
	if (!db_is_null(r, row, (int)column))
		yyjson_mut_obj_add_strn(doc, yyjson_mut_doc_get_root(doc), key,
		    db_text(r, row, (int)column),
		    db_length(r, row, (int)column));
}

static void
add_int(yyjson_mut_doc *doc, const char *key, const struct db_result *r,
    int row, enum collection_column column)
{
	if (!db_is_null(r, row, (int)column))
		yyjson_mut_obj_add_int(doc, yyjson_mut_doc_get_root(doc), key,
		    db_int(r, row, (int)column));
}

static int
put_hit(struct record_out *out, const struct collection *v,
    const struct db_result *r, int row, double score)
{
	yyjson_mut_doc *doc = record_out_new(out, "hit");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_int(doc, root, "rank", row + 1);
	/*
	 * Round to six digits: further ones depend on the order of additions.
	 */
	yyjson_mut_obj_add_real(doc, root, "score", round(score * 1e6) / 1e6);
	yyjson_mut_obj_add_str(doc, root, "collection", v->name);
	add_text(doc, "id", r, row, COLLECTION_ID);
	add_text(doc, "document_id", r, row, COLLECTION_DOCUMENT_ID);
	add_text(doc, "source", r, row, COLLECTION_SOURCE);
	add_text(doc, "url", r, row, COLLECTION_URL);
	add_text(doc, "title", r, row, COLLECTION_TITLE);
	add_int(doc, "index", r, row, COLLECTION_INDEX);
	add_int(doc, "start", r, row, COLLECTION_START);
	add_int(doc, "end", r, row, COLLECTION_END);
	if (!db_is_null(r, row, COLLECTION_HEADINGS))
		yyjson_mut_obj_add_val(doc, root, "headings",
		    yyjson_mut_raw(doc, db_text(r, row, COLLECTION_HEADINGS)));
	add_text(doc, "context", r, row, COLLECTION_CONTEXT);
	add_text(doc, "text", r, row, COLLECTION_TEXT);
	return record_out_put(out, doc);
}

static int
terminal_width(void)
{
	const char *columns = cli_env("COLUMNS", NULL);
	struct winsize size = {0};
	int64_t width = 80;

	if (columns == NULL || num_int(columns, 1, 10000, &width) == -1)
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
		    size.ws_col > 0)
			width = size.ws_col;
	return width < WIDTH_MIN   ? WIDTH_MIN
	       : width > WIDTH_MAX ? WIDTH_MAX
				   : (int)width;
}

static int
wants_colour(void)
{
	const char *term = cli_env("TERM", NULL);

	return cli_env("NO_COLOR", NULL) == NULL && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

static void
print_records(
    const struct collection *v, const struct db_result *r, const double *scores)
{
	struct record_out *out = record_out_open(STDOUT_FILENO);

	for (int i = 0; i < db_rows(r); i++)
		output_check(put_hit(out, v, r, i, scores[i]));
	output_check(record_out_close(out));
}

/* A collection may exist before its first vector, and has no table then. */
static _Noreturn void
end_without_vectors(const struct collection *v)
{
	cli_warn(
	    "no hits in collection %s: nothing is stored in it yet", v->name);
	output_close(NULL);
	exit(CLI_DONE);
}

int
main(int argc, char **argv)
{
	struct search_options o;
	struct collection v = {0};
	struct db_result *hits;
	struct db *d;
	double *scores;
	float *query;

	cli_start("pl-search");
	search_options_parse(argc, argv, &o);

	d = connect_database(0, NULL);
	memcpy(v.name, o.collection, strlen(o.collection));
	find_collection(d, &v);
	if (v.dimensions == 0)
		end_without_vectors(&v);
	query = query_embed(&v, &o.query);

	scores = x_calloc((size_t)o.limit, sizeof(*scores));
	hits = collection_search(d, &v, query, o.limit, o.min_score, scores);
	if (hits == NULL)
		connect_die(d);
	if (db_rows(hits) == 0)
		cli_warn("no hits in collection %s", v.name);
	if (o.json || !isatty(STDOUT_FILENO))
		print_records(&v, hits, scores);
	else
		search_show(hits, scores, o.query.data, terminal_width(),
		    wants_colour());
	output_close(NULL);

	db_result_free(hits);
	free(scores);
	free(query);
	buf_free(&o.query);
	collection_forget(&v);
	db_close(d);
	return CLI_DONE;
}
