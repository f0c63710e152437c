/* What pl-jobctl prints: records in a pipe, tables on a terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/num.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "record/record.h"
#include "record/record_out.h"
#include "show.h"
#include "store/job_find.h"
#include "store/job_print.h"
#include "store/listing.h"
#include "tool/cli.h"
#include "tool/progress_line.h"
#include "tool/table.h"

enum { WIDTH = 80, NARROWEST = 40, LABEL = 12 };

int
jobctl_wants_table(const struct jobctl *c)
{
	if (c->form != JOBCTL_AS_IT_FITS)
		return c->form == JOBCTL_AS_TABLE;
	return isatty(STDOUT_FILENO);
}

size_t
jobctl_width(void)
{
	const char *columns = cli_env("COLUMNS", NULL);
	struct winsize size;
	int64_t n;

	if (columns != NULL && num_int(columns, NARROWEST, 1000, &n) == 0)
		return (size_t)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col >= NARROWEST)
		return size.ws_col;
	return WIDTH;
}

void
jobctl_print(struct jobctl *c, const struct buf *text)
{
	if (text->len > 0)
		record_out_pass(c->out, text->data, text->len - 1);
}

void
jobctl_print_table(struct jobctl *c, struct table *t)
{
	struct buf text = {0};

	table_format(t, jobctl_width(), &text);
	jobctl_print(c, &text);
	buf_free(&text);
	table_free(t);
}

static void
add_word(yyjson_mut_doc *doc, const char *key, const char *word)
{
	if (word != NULL)
		yyjson_mut_obj_add_str(
		    doc, yyjson_mut_doc_get_root(doc), key, word);
}

void
jobctl_put_repair(struct jobctl *c, const struct jobctl_repair *r)
{
	yyjson_mut_doc *doc = record_out_new(c->out, "repair");

	add_word(doc, "check", r->check);
	add_word(doc, "what", r->what);
	add_word(doc, "task_id", r->task);
	add_word(doc, "job_id", r->job);
	add_word(doc, "document_id", r->document);
	yyjson_mut_obj_add_uint(
	    doc, yyjson_mut_doc_get_root(doc), "count", r->count);
	add_word(doc, "message", r->message);
	record_out_put(c->out, doc);
}

void
jobctl_span(double seconds, char out[static 32])
{
	static const struct {
		double below, unit;
		const char *name;
	} steps[] = {{60, 1, "s"}, {3600, 60, "m"}, {86400, 3600, "h"},
	    {1e300, 86400, "d"}};

	*out = '\0';
	if (seconds < 0)
		return;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (seconds < steps[i].below) {
			snprintf(out, 32, "%.0f %s",
			    (double)(long long)(seconds / steps[i].unit),
			    steps[i].name);
			return;
		}
}

void
jobctl_ago(double seconds, char out[static 32])
{
	char span[32];

	jobctl_span(seconds, span);
	snprintf(out, 32, "%.24s%s", span, *span != '\0' ? " ago" : "");
}

/* A status for people: "in progress" for "in_progress". */
static const char *
word_of(const char *status)
{
	return strcmp(status, "in_progress") == 0 ? "in progress" : status;
}

static int
has_colour(void)
{
	const char *terminal = cli_env("TERM", NULL);

	return isatty(STDOUT_FILENO) && cli_env("NO_COLOR", NULL) == NULL &&
	       terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static enum table_paint
paint_of(const char *state)
{
	static const struct {
		const char *state;
		enum table_paint paint;
	} paints[] = {{"ok", TABLE_GOOD}, {"completed", TABLE_GOOD},
	    {"warn", TABLE_DOUBTFUL}, {"partial", TABLE_DOUBTFUL},
	    {"canceled", TABLE_DOUBTFUL}, {"fail", TABLE_BAD},
	    {"failed", TABLE_BAD}, {"away", TABLE_BAD}};

	for (size_t i = 0; i < sizeof(paints) / sizeof(*paints); i++)
		if (strcmp(state, paints[i].state) == 0)
			return has_colour() ? paints[i].paint : TABLE_PLAIN;
	return TABLE_PLAIN;
}

void
jobctl_state_cell(struct table *t, const char *state)
{
	table_cell(t, word_of(state));
	table_paint(t, paint_of(state));
}

/* Append a state for people, in its colour as jobctl_state_cell. */
static void
put_state(struct buf *b, const char *state)
{
	enum table_paint paint = paint_of(state);

	buf_printf(b, "%s%s%s", table_paint_begin(paint), word_of(state),
	    table_paint_end(paint));
}

/* Rows of a query. */

static void
add_value(yyjson_mut_doc *doc, const struct jobctl_column *column,
    const struct db_result *r, int row, int i)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
	yyjson_mut_val *key = yyjson_mut_str(doc, column->key), *value = NULL;
	yyjson_doc *json;

	if (db_is_null(r, row, i)) {
		yyjson_mut_obj_add(root, key, yyjson_mut_null(doc));
		return;
	}
	switch (column->kind) {
	case JOBCTL_INT:
		value = yyjson_mut_sint(doc, db_int(r, row, i));
		break;
	case JOBCTL_REAL:
	case JOBCTL_AGO:
		value = yyjson_mut_real(doc, db_double(r, row, i));
		break;
	case JOBCTL_BOOL:
		value = yyjson_mut_bool(doc, db_bool(r, row, i));
		break;
	case JOBCTL_JSON:
		json = yyjson_read(db_text(r, row, i), db_length(r, row, i), 0);
		value = yyjson_val_mut_copy(doc, yyjson_doc_get_root(json));
		yyjson_doc_free(json);
		break;
	case JOBCTL_TEXT:
		value = yyjson_mut_strcpy(doc, db_text(r, row, i));
		break;
	}
	yyjson_mut_obj_add(root, key, value ? value : yyjson_mut_null(doc));
}

static void
put_records(struct jobctl *c, const struct db_result *r, const char *type,
    const struct jobctl_column *columns, size_t n)
{
	for (int row = 0; row < db_rows(r); row++) {
		yyjson_mut_doc *doc = record_out_new(c->out, type);

		for (size_t i = 0; i < n; i++)
			if (columns[i].key != NULL)
				add_value(doc, &columns[i], r, row, (int)i);
		record_out_put(c->out, doc);
	}
}

static void
add_cell(struct table *t, enum jobctl_kind kind, const struct db_result *r,
    int row, int i)
{
	char text[32];

	if (db_is_null(r, row, i)) {
		table_cell(t, "");
	} else if (kind == JOBCTL_AGO) {
		jobctl_ago(db_double(r, row, i), text);
		table_cell(t, text);
	} else if (kind == JOBCTL_BOOL) {
		table_cell(t, db_bool(r, row, i) ? "yes" : "no");
	} else {
		table_cell(t, word_of(db_text(r, row, i)));
	}
}

static void
print_rows_table(struct jobctl *c, const struct db_result *r,
    const struct jobctl_column *columns, size_t n)
{
	struct table_column *shown = x_calloc(n, sizeof(*shown));
	struct table *t;
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (columns[i].heading != NULL)
			shown[k++] = (struct table_column){
			    columns[i].heading, columns[i].flags};
	t = table_new(shown, k);
	for (int row = 0; row < db_rows(r); row++)
		for (size_t i = 0; i < n; i++)
			if (columns[i].heading != NULL)
				add_cell(t, columns[i].kind, r, row, (int)i);
	jobctl_print_table(c, t);
	free(shown);
}

void
jobctl_print_rows(struct jobctl *c, const struct db_result *r, const char *type,
    const struct jobctl_column *columns, size_t n)
{
	if (!jobctl_wants_table(c))
		put_records(c, r, type, columns, n);
	else if (db_rows(r) == 0)
		cli_warn("there is no %s yet", type);
	else
		print_rows_table(c, r, columns, n);
}

/* One job. */

static void
add_line(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "%-11s ", name);
	table_wrap(b, value, LABEL, jobctl_width());
	buf_putc(b, '\n');
}

static void
add_time(struct buf *b, const char *name, const struct db_result *r,
    enum job_column at, enum job_column age)
{
	char ago[32];

	if (db_is_null(r, 0, (int)at))
		return;
	jobctl_ago(db_double(r, 0, (int)age), ago);
	buf_printf(b, "%-11s %s (%s)\n", name, db_text(r, 0, (int)at), ago);
}

/* Add class and message of an error object. */
static void
add_error(struct buf *b, const char *json, size_t n)
{
	yyjson_doc *doc = yyjson_read(json, n, 0);
	yyjson_val *root = yyjson_doc_get_root(doc);
	const char *message = record_str(root, "message", NULL);
	const char *class = record_str(root, "class", NULL);

	struct buf text = {0};

	if (message != NULL) {
		buf_printf(&text, "%s%s%s", class ? class : "",
		    class ? ": " : "", message);
		add_line(b, "error", text.data);
	}
	buf_free(&text);
	yyjson_doc_free(doc);
}

static void
add_counts(struct buf *b, const struct db_result *r)
{
	static const struct {
		const char *name;
		enum job_column column;
	} counts[] = {{"stored", JOB_STORED}, {"unchanged", JOB_UNCHANGED},
	    {"failed", JOB_FAILED}, {"canceled", JOB_CANCELED},
	    {"waiting", JOB_WAITING}, {"in flight", JOB_IN_FLIGHT}};

	buf_printf(b, "%-11s %9s\n", "documents", db_text(r, 0, JOB_DOCUMENTS));
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		buf_printf(b, "  %-9s %9s\n", counts[i].name,
		    db_text(r, 0, (int)counts[i].column));
	if (db_int(r, 0, JOB_INCOMPLETE) > 0)
		buf_printf(b,
		    "%-11s %9s  stored without some of their chunks\n",
		    "incomplete", db_text(r, 0, JOB_INCOMPLETE));
	buf_printf(b, "%-11s %9s\n", "chunks", db_text(r, 0, JOB_CHUNKS));
	buf_printf(b, "%-11s %9s\n", "tasks", db_text(r, 0, JOB_TASKS));
}

static void
format_job(const struct db_result *r, struct buf *b)
{
	struct buf source = {0};
	char took[32];

	add_line(b, "job", db_text(r, 0, JOB_ID));
	if (!db_is_null(r, 0, JOB_SOURCE)) {
		buf_printf(&source, "%s (%s)", db_text(r, 0, JOB_SOURCE),
		    db_text(r, 0, JOB_SOURCE_STATUS));
		add_line(b, "source", source.data);
		buf_free(&source);
	}
	if (!db_is_null(r, 0, JOB_COLLECTION))
		add_line(b, "collection", db_text(r, 0, JOB_COLLECTION));
	buf_printf(b, "%-11s ", "status");
	put_state(b, db_text(r, 0, JOB_STATUS));
	buf_puts(b,
	    db_bool(r, 0, JOB_SEALED) ? "\n" : ", open for more documents\n");
	add_counts(b, r);
	add_time(b, "created", r, JOB_CREATED_AT, JOB_CREATED_AGE);
	add_time(b, "started", r, JOB_STARTED_AT, JOB_STARTED_AGE);
	add_time(b, "finished", r, JOB_FINISHED_AT, JOB_FINISHED_AGE);
	if (!db_is_null(r, 0, JOB_STARTED_AT) &&
	    !db_is_null(r, 0, JOB_FINISHED_AT)) {
		num_format_duration(db_double(r, 0, JOB_STARTED_AGE) -
					db_double(r, 0, JOB_FINISHED_AGE),
		    took);
		add_line(b, "took", took);
	}
	if (!db_is_null(r, 0, JOB_ERROR))
		add_error(
		    b, db_text(r, 0, JOB_ERROR), db_length(r, 0, JOB_ERROR));
	if (strcmp(db_text(r, 0, JOB_DETAILS), "{}") != 0)
		add_line(b, "details", db_text(r, 0, JOB_DETAILS));
}

/* How far a running job is, and how fast it was within the last minute. */
static void
add_progress(struct jobctl *c, const uint8_t *id, const struct db_result *r,
    struct buf *b)
{
	enum { SECONDS = 60 };
	double age = db_double(r, 0, JOB_STARTED_AGE);
	int64_t n = listing_recent(c->db, id, SECONDS);
	struct progress_line line = {.what = "documents"};
	struct buf text = {0};

	if (n == -1)
		jobctl_die(c);
	line.total = (uint64_t)db_int(r, 0, JOB_DOCUMENTS);
	line.done = line.total - (uint64_t)(db_int(r, 0, JOB_WAITING) +
					    db_int(r, 0, JOB_IN_FLIGHT));
	if (age > 0)
		line.rate = (double)n / (age < SECONDS ? age : SECONDS);
	progress_line_put(&line, jobctl_width() - LABEL, &text);
	buf_printf(b, "%-11s %s\n", "progress", text.data);
	buf_free(&text);
}

/* Add the numbers of failed documents by kind of failure. */
static void
add_failures(struct jobctl *c, const uint8_t *id, struct buf *b)
{
	struct db_result *r = listing_failures(c->db, id);
	if (r == NULL)
		jobctl_die(c);
	for (int i = 0; i < db_rows(r); i++) {
		struct buf text = {0};

		buf_printf(
		    b, "%-11s %9s  ", i == 0 ? "failed" : "", db_text(r, i, 0));
		buf_printf(&text, "%s %s: %s", db_text(r, i, 1),
		    db_text(r, i, 2), db_text(r, i, 3));
		table_wrap(b, text.data, LABEL + 11, jobctl_width());
		buf_putc(b, '\n');
		buf_free(&text);
	}
	db_result_free(r);
}

void
jobctl_print_job(struct jobctl *c, const uint8_t id[static DIGEST_UUID])
{
	struct db_result *r = job_get(c->db, id);
	struct buf text = {0};

	if (r == NULL)
		jobctl_die(c);
	if (db_rows(r) == 0)
		cli_die(CLI_FAILED, "the job is not there any more");
	if (!jobctl_wants_table(c)) {
		job_put(c->out, r, 0);
	} else {
		format_job(r, &text);
		if (strcmp(db_text(r, 0, JOB_STATUS), "in_progress") == 0)
			add_progress(c, id, r, &text);
		if (db_int(r, 0, JOB_FAILED) > 0)
			add_failures(c, id, &text);
		jobctl_print(c, &text);
		buf_free(&text);
	}
	db_result_free(r);
}
