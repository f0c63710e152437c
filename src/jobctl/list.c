/* Commands that show jobs, sources and workers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "show.h"
#include "store/collection_name.h"
#include "store/job_find.h"
#include "store/job_print.h"
#include "store/listing.h"
#include "tool/cli.h"
#include "tool/table.h"

enum { SHORT_ID = 13 };

static int
status(struct jobctl *c)
{
	uint8_t id[DIGEST_UUID];

	jobctl_find(c, *jobctl_parse(c, NULL), id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

const struct jobctl_command jobctl_status = {
    .options = {.name = "status",
	.usage = "[OPTION]... JOB",
	.summary = "the account of one job",
	.about = "documents = stored + unchanged + failed + canceled + waiting "
		 "+ in flight,\n"
		 "at every instant.\n",
	.more = JOBCTL_JOB_HELP,
	.rows = jobctl_plain_rows},
    JOBCTL_TAKES_JOB,
    .run = status};

static size_t
common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

/*
 * How many characters of each id to show, so that listed ids differ. The first
 * 13 characters of pl's ids are the millisecond in which the id was made.
 */
static int
digits_needed(const struct db_result *r)
{
	size_t n = SHORT_ID;

	for (int i = 1; i < db_rows(r); i++) {
		size_t same =
		    common(db_text(r, i - 1, JOB_ID), db_text(r, i, JOB_ID));

		if (same >= n)
			n = same + 1;
	}
	return (int)n;
}

static void
add_sum(struct table *t, const struct db_result *r, int row, enum job_column a,
    enum job_column b)
{
	long long sum = db_int(r, row, (int)a) + db_int(r, row, (int)b);

	table_cellf(t, "%lld", sum);
}

/* How many percent of the documents are done, whatever became of them. */
static void
add_part(struct table *t, const struct db_result *r, int row)
{
	long long all = db_int(r, row, JOB_DOCUMENTS);
	long long left =
	    db_int(r, row, JOB_WAITING) + db_int(r, row, JOB_IN_FLIGHT);

	if (all > 0)
		table_cellf(t, "%lld", (all - left) * 100 / all);
	else
		table_cell(t, "");
}

/* From the start to the end, or until now. */
static void
add_duration(struct table *t, const struct db_result *r, int row)
{
	double started = db_double(r, row, JOB_STARTED_AGE);
	double ended = db_double(r, row, JOB_FINISHED_AGE);
	char took[32] = "";

	if (!db_is_null(r, row, JOB_STARTED_AT))
		jobctl_span(
		    started - (db_is_null(r, row, JOB_FINISHED_AT) ? 0 : ended),
		    took);
	table_cell(t, took);
}

/* The source, and the collection unless it is the default one. */
static void
add_source(struct table *t, const struct db_result *r, int row)
{
	const char *source = db_text(r, row, JOB_SOURCE);
	const char *collection = db_text(r, row, JOB_COLLECTION);

	if (*collection == '\0' || strcmp(collection, COLLECTION_DEFAULT) == 0)
		table_cell(t, source);
	else
		table_cellf(t, "%s in %s", source, collection);
}

/* The column is left out if all that it could say is 0. */
static int
has_incomplete(const struct db_result *r)
{
	for (int i = 0; i < db_rows(r); i++)
		if (db_int(r, i, JOB_INCOMPLETE) > 0)
			return 1;
	return 0;
}

static void
print_jobs_table(struct jobctl *c, const struct db_result *r)
{
	static const struct table_column columns[] = {{"JOB", 0},
	    {"SOURCE", TABLE_FLEX}, {"STATUS", 0}, {"DOCS", TABLE_RIGHT},
	    {"DONE", TABLE_RIGHT}, {"FAILED", TABLE_RIGHT}, {"%", TABLE_RIGHT},
	    {"TOOK", TABLE_RIGHT}, {"AGE", TABLE_RIGHT},
	    {"INCOMPL", TABLE_RIGHT}};
	int incomplete = has_incomplete(r), digits = digits_needed(r);
	struct table *t = table_new(columns, incomplete ? 10 : 9);

	for (int i = 0; i < db_rows(r); i++) {
		char age[32];

		table_cellf(t, "%.*s", digits, db_text(r, i, JOB_ID));
		add_source(t, r, i);
		jobctl_state_cell(t, db_text(r, i, JOB_STATUS));
		table_cell(t, db_text(r, i, JOB_DOCUMENTS));
		add_sum(t, r, i, JOB_STORED, JOB_UNCHANGED);
		table_cell(t, db_text(r, i, JOB_FAILED));
		add_part(t, r, i);
		add_duration(t, r, i);
		jobctl_span(db_double(r, i, JOB_CREATED_AGE), age);
		table_cell(t, age);
		if (incomplete)
			table_cell(t, db_text(r, i, JOB_INCOMPLETE));
	}
	jobctl_print_table(c, t);
}

/* Replace "open" and "ended" by the states that they stand for. */
static size_t
expand(const char **words, size_t n, const char ***out)
{
	static const char *const open[] = {"pending", "queued", "in_progress"},
				 *const ended[] = {"completed", "partial",
				     "failed", "canceled"};
	size_t k = 0;

	*out = x_calloc(4 * n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], "open") == 0)
			for (size_t j = 0; j < 3; j++)
				(*out)[k++] = open[j];
		else if (strcmp(words[i], "ended") == 0)
			for (size_t j = 0; j < 4; j++)
				(*out)[k++] = ended[j];
		else
			(*out)[k++] = words[i];
	return k;
}

static size_t
parse_statuses(const char *list, const char ***statuses)
{
	static const char *const known[] = {"pending", "queued", "in_progress",
	    "completed", "partial", "failed", "canceled", "open", "ended",
	    NULL};
	const char **words;
	size_t n = jobctl_words("--status", list, known, &words);

	n = expand(words, n, statuses);
	free(words);
	return n;
}

struct list_options {
	const char *source, *status;
	int64_t limit;
};

#define TO(member) OPTION_TO(struct list_options, member)

/* clang-format off */
static const struct option_row list_rows[] = {
    {OPTION_TEXT, .name = "source", .argument = "NAME", TO(source),
	.help = "jobs of this source only"},
    {OPTION_TEXT, .name = "status", .argument = "STATUS,...", TO(status),
	.help = "pending, queued, in_progress, completed, partial, failed, "
		"canceled; or open, ended"},
    {OPTION_NUMBER, .name = "limit", .argument = "N", TO(limit), .low = 0,
	.high = 1000000000, .standard = "20",
	.help = "at most this many, 0 for all"},
    JOBCTL_ROWS};
/* clang-format on */

static int
list(struct jobctl *c)
{
	struct list_options o = {0};
	struct job_filter filter = {0};
	const char **statuses = NULL;
	struct db_result *r;

	jobctl_parse(c, &o);
	filter.source = o.source;
	filter.limit = o.limit;
	if (o.status != NULL)
		filter.n = parse_statuses(o.status, &statuses);
	filter.statuses = statuses;
	jobctl_open(c);
	r = job_list(c->db, &filter);
	if (r == NULL)
		jobctl_die(c);
	if (!jobctl_wants_table(c))
		for (int i = 0; i < db_rows(r); i++)
			job_put(c->out, r, i);
	else if (db_rows(r) > 0)
		print_jobs_table(c, r);
	else
		cli_warn("there is no such job");
	db_result_free(r);
	free(statuses);
	return CLI_DONE;
}

const struct jobctl_command jobctl_list = {
    .options = {.name = "list",
	.usage = "[OPTION]...",
	.summary = "jobs, the newest first",
	.rows = list_rows},
    .run = list};

static int
workers(struct jobctl *c)
{
	static const struct jobctl_column columns[] = {
	    {"name", "WORKER", JOBCTL_TEXT, TABLE_FLEX},
	    {"host", NULL, JOBCTL_TEXT, 0}, {"pid", NULL, JOBCTL_INT, 0},
	    {"queues", "QUEUES", JOBCTL_TEXT, TABLE_FLEX},
	    {"status", "STATUS", JOBCTL_TEXT, 0},
	    {"tasks", "TASKS", JOBCTL_INT, TABLE_RIGHT},
	    {"documents", "DOCS", JOBCTL_INT, TABLE_RIGHT},
	    {"busy_seconds", NULL, JOBCTL_REAL, 0},
	    {"started_at", NULL, JOBCTL_TEXT, 0},
	    {"heartbeat_at", NULL, JOBCTL_TEXT, 0},
	    {NULL, "HEARD", JOBCTL_AGO, 0}};
	struct db_result *r;

	jobctl_parse(c, NULL);
	jobctl_open(c);
	r = listing_workers(c->db);
	if (r == NULL)
		jobctl_die(c);
	jobctl_print_rows(
	    c, r, "worker", columns, sizeof(columns) / sizeof(*columns));
	db_result_free(r);
	return CLI_DONE;
}

const struct jobctl_command jobctl_workers = {
    .options = {.name = "workers",
	.usage = "[OPTION]...",
	.summary = "workers and when they were heard from",
	.rows = jobctl_plain_rows},
    .run = workers};
