#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "enqueue.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record_out.h"
#include "save.h"
#include "store/collection.h"
#include "store/intake.h"
#include "store/intake_compare.h"
#include "store/job_find.h"
#include "store/job_print.h"
#include "store/recipe_words.h"
#include "tool/cli.h"
#include "tool/output.h"

/* Columns of a line, and of a recipe in it. */
enum { LINE = 80, RECIPE_LEAST = 30 };

void
enqueue_report_job(struct enqueue *e, struct record_out *out, const char *id)
{
	uint8_t uuid[DIGEST_UUID];
	struct db_result *r = NULL;

	if (digest_uuid_parse(id, strlen(id), uuid) == 0)
		r = job_get(e->db, uuid);
	if (r == NULL)
		enqueue_die_of_database(e);
	if (db_rows(r) > 0)
		output_check(job_put(out, r, 0));
	db_result_free(r);
}

void
enqueue_report_early(struct enqueue *e)
{
	const char *id = intake_job(e->docs);
	struct record_out *out;

	if (e->job_fd == -1 || id == NULL)
		return;
	out = record_out_open(e->job_fd);
	enqueue_report_job(e, out, id);
	if (record_out_close(out) == -1)
		cli_warn(
		    "--job-file %s: %s", e->options.job_file, strerror(errno));
	close(e->job_fd);
	e->job_fd = -1;
}

/* The recipe of the run's collection; all NULL if that is not known. */
static struct recipe_words
words_of(struct enqueue *e, const char *collection)
{
	struct recipe_words w = {0};

	if (collection != NULL && recipe_words_get(e->db, collection, &w) == -1)
		cli_note("Postgres: %s", db_error(e->db));
	return w;
}

static void
add_text(
    yyjson_mut_doc *doc, yyjson_mut_val *to, const char *key, const char *text)
{
	if (text != NULL)
		yyjson_mut_obj_add_strcpy(doc, to, key, text);
	else
		yyjson_mut_obj_add_null(doc, to, key);
}

/* Where the documents would go. */
static void
add_target(struct enqueue *e, yyjson_mut_doc *doc)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
	const char *collection = intake_collection(e->docs);
	struct recipe_words w = words_of(e, collection);
	yyjson_mut_val *recipe;

	add_text(doc, root, "source", intake_source(e->docs));
	add_text(doc, root, "collection", collection);
	add_text(doc, root, "model", w.model);
	recipe = yyjson_mut_obj_add_obj(doc, root, "recipe");
	add_text(doc, recipe, "chunk", w.chunk);
	add_text(doc, recipe, "embed", w.embed);
	recipe_words_free(&w);
}

void
enqueue_report_dry_run(struct enqueue *e)
{
	const struct enqueue_listing *l = &e->listing;
	struct intake_counts n = intake_counted(e->docs);
	const struct {
		const char *key;
		uint64_t n;
	} counts[] = {{"documents", n.documents}, {"new", n.compared.added},
	    {"changed", n.compared.changed}, {"again", n.compared.again},
	    {"unchanged", n.unchanged}, {"failed", n.failed},
	    {"tasks", n.tasks}};
	yyjson_mut_doc *doc = record_out_new(e->out, "job");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_str(doc, root, "status", "dry_run");
	add_target(e, doc);
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		yyjson_mut_obj_add_uint(doc, root, counts[i].key, counts[i].n);
	if (l->n > 0 && l->compared == l->n)
		yyjson_mut_obj_add_uint(doc, root, "gone", l->gone);
	else
		yyjson_mut_obj_add_null(doc, root, "gone");
	output_check(record_out_put(e->out, doc));
}

void
enqueue_report_unchanged(struct enqueue *e)
{
	const char *collection = intake_collection(e->docs);
	uint64_t n = intake_counted(e->docs).unchanged;
	struct buf line = {0}, recipe = {0};
	struct recipe_words w;
	size_t used;

	if (n == 0 || collection == NULL || e->options.quiet)
		return;
	w = words_of(e, collection);
	buf_printf(&line, "%llu unchanged in collection %s",
	    (unsigned long long)n, collection);
	used = strlen("pl-enqueue:  ()") + line.len;
	recipe_words_brief(&w,
	    used + RECIPE_LEAST < LINE ? LINE - used : RECIPE_LEAST, &recipe);
	if (recipe.len > 0)
		buf_printf(&line, " (%s)", recipe.data);
	cli_warn("%s", line.data);
	recipe_words_free(&w);
	buf_free(&recipe);
	buf_free(&line);
}

static void
warn_of_copies(struct enqueue *e, uint64_t n, const char *example)
{
	cli_warn(
	    "source %s had %llu of these texts before, under other urls%s: "
	    "is it the same folder by another path? Give the path as "
	    "before, or --base-url (pl-ingest, pl run)",
	    intake_source(e->docs), (unsigned long long)n, example);
}

void
enqueue_report_copies(struct enqueue *e)
{
	struct intake_counts n = intake_counted(e->docs);
	struct intake_copies c = {0};
	struct buf example = {0};

	if (e->options.docs.job != NULL || intake_source(e->docs) == NULL ||
	    n.unchanged + n.compared.changed + n.compared.again > 0)
		return;
	if (e->options.docs.dry_run)
		c.n = (int64_t)n.compared.copies;
	else if (intake_job(e->docs) != NULL &&
		 intake_compare_copies(e->db, intake_job(e->docs),
		     (int64_t)n.documents, &c) == -1)
		cli_note("Postgres: %s", db_error(e->db));
	buf_puts(&example, "");
	if (c.url != NULL)
		buf_printf(&example, " (%s was %s)", c.url, c.other);
	if (c.n > 0)
		warn_of_copies(e, (uint64_t)c.n, example.data);
	intake_copies_free(&c);
	buf_free(&example);
}
