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
#include "store/job_find.h"
#include "store/job_print.h"
#include "store/listing.h"
#include "tool/cli.h"
#include "tool/table.h"

enum { LIMIT = 20, SHORT_ID = 13 };

int
jobctl_status(struct jobctl *c, int argc, char **argv)
{
	uint8_t id[DIGEST_UUID];

	jobctl_arguments(c, argc, argv, 1, "JOB");
	jobctl_find(c, argv[optind], id);
	jobctl_print_job(c, id);
	return CLI_DONE;
}

static size_t
common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

/*
 * Digits that tell the listed ids apart. The first 13 characters of our ids
 * are the millisecond in which they were made.
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

static void
print_jobs_table(struct jobctl *c, const struct db_result *r)
{
	static const struct table_column columns[] = {{"JOB", 0},
	    {"SOURCE", TABLE_FLEX}, {"STATUS", 0}, {"DOCS", TABLE_RIGHT},
	    {"DONE", TABLE_RIGHT}, {"INCOMPL", TABLE_RIGHT},
	    {"FAILED", TABLE_RIGHT}, {"LEFT", TABLE_RIGHT}, {"CREATED", 0}};
	struct table *t = table_new(columns, 9);
	int digits = digits_needed(r);

	for (int i = 0; i < db_rows(r); i++) {
		char ago[32];

		table_cellf(t, "%.*s", digits, db_text(r, i, JOB_ID));
		table_cell(t, db_text(r, i, JOB_SOURCE));
		table_cell(t, jobctl_word(db_text(r, i, JOB_STATUS)));
		table_cell(t, db_text(r, i, JOB_DOCUMENTS));
		add_sum(t, r, i, JOB_STORED, JOB_UNCHANGED);
		table_cell(t, db_text(r, i, JOB_INCOMPLETE));
		table_cell(t, db_text(r, i, JOB_FAILED));
		add_sum(t, r, i, JOB_WAITING, JOB_IN_FLIGHT);
		jobctl_ago(db_double(r, i, JOB_CREATED_AGE), ago);
		table_cell(t, ago);
	}
	jobctl_print_table(c, t);
}

/* "open" and "ended" stand for several states. */
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

int
jobctl_list(struct jobctl *c, int argc, char **argv)
{
	enum { SOURCE = JOBCTL_OPT_FIRST, STATUS, MOST };
	static const struct option options[] = {
	    {"source", required_argument, NULL, SOURCE},
	    {"status", required_argument, NULL, STATUS},
	    {"limit", required_argument, NULL, MOST}, JOBCTL_OPTIONS};
	struct job_filter filter = {.limit = LIMIT};
	const char **statuses = NULL;
	struct db_result *r;
	int o;

	while ((o = jobctl_next(c, argc, argv, options)) != -1)
		switch (o) {
		case SOURCE:
			filter.source = optarg;
			break;
		case STATUS:
			free(statuses);
			filter.n = parse_statuses(optarg, &statuses);
			filter.statuses = statuses;
			break;
		case MOST:
			filter.limit =
			    cli_int("--limit", optarg, 0, 1000000000);
			break;
		}
	jobctl_expect(argc, 0, 0, "");
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

int
jobctl_sources(struct jobctl *c, int argc, char **argv)
{
	static const struct jobctl_column columns[] = {
	    {"id", NULL, JOBCTL_TEXT, 0},
	    {"name", "SOURCE", JOBCTL_TEXT, TABLE_FLEX},
	    {"kind", NULL, JOBCTL_TEXT, 0}, {"uri", NULL, JOBCTL_TEXT, 0},
	    {"status", "STATUS", JOBCTL_TEXT, 0},
	    {"documents", "DOCS", JOBCTL_INT, TABLE_RIGHT},
	    {"stored", "STORED", JOBCTL_INT, TABLE_RIGHT},
	    {"incomplete", "INCOMPL", JOBCTL_INT, TABLE_RIGHT},
	    {"failed", "FAILED", JOBCTL_INT, TABLE_RIGHT},
	    {"chunks", "CHUNKS", JOBCTL_INT, TABLE_RIGHT},
	    {"job_id", NULL, JOBCTL_TEXT, 0},
	    {"updated_at", NULL, JOBCTL_TEXT, 0},
	    {NULL, "UPDATED", JOBCTL_AGO, 0}};
	struct db_result *r;

	jobctl_arguments(c, argc, argv, 0, "");
	jobctl_open(c);
	r = listing_sources(c->db);
	if (r == NULL)
		jobctl_die(c);
	jobctl_print_rows(
	    c, r, "source", columns, sizeof(columns) / sizeof(*columns));
	db_result_free(r);
	return CLI_DONE;
}

int
jobctl_workers(struct jobctl *c, int argc, char **argv)
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

	jobctl_arguments(c, argc, argv, 0, "");
	jobctl_open(c);
	r = listing_workers(c->db);
	if (r == NULL)
		jobctl_die(c);
	jobctl_print_rows(
	    c, r, "worker", columns, sizeof(columns) / sizeof(*columns));
	db_result_free(r);
	return CLI_DONE;
}
