#include "documents_table.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db_result.h"
#include "record/record.h"
#include "show.h"
#include "store/job_documents.h"
#include "tool/table.h"

struct row {
	char *url, *status, *attempts, *stage, *error;
	size_t same; /* documents with this error */
};

struct jobctl_documents {
	struct row *rows;
	size_t n, cap;
};

struct jobctl_documents *
jobctl_documents_new(void)
{
	return x_calloc(1, sizeof(struct jobctl_documents));
}

/* Leave out the url in front of a message, as the row has it already. */
static const char *
without_url(const char *message, const char *url)
{
	size_t n = url ? strlen(url) : 0;

	if (n > 0 && message != NULL && strncmp(message, url, n) == 0 &&
	    strncmp(message + n, ": ", 2) == 0)
		return message + n + 2;
	return message;
}

/* What went wrong, in words; "" if nothing did. The caller frees it. */
static char *
error_text(const struct db_result *r)
{
	int lacks_chunks = db_is_null(r, 0, JOB_DOCUMENT_ERROR) &&
			   !db_is_null(r, 0, JOB_DOCUMENT_FIRST_ERROR);
	int column =
	    lacks_chunks ? JOB_DOCUMENT_FIRST_ERROR : JOB_DOCUMENT_ERROR;
	yyjson_doc *error =
	    yyjson_read(db_text(r, 0, column), db_length(r, 0, column), 0);
	yyjson_val *root = yyjson_doc_get_root(error);
	const char *class = record_str(root, "class", NULL);
	const char *message = without_url(
	    record_str(root, "message", NULL), db_text(r, 0, JOB_DOCUMENT_URL));
	struct buf text = {0};

	buf_puts(&text, "");
	if (lacks_chunks)
		buf_printf(&text, "chunks refused: %s: ",
		    db_text(r, 0, JOB_DOCUMENT_FAILED_CHUNKS));
	buf_printf(&text, "%s%s%.400s", class ? class : "",
	    class && message ? ": " : "", message ? message : "");
	yyjson_doc_free(error);
	return text.data;
}

void
jobctl_documents_add(struct jobctl_documents *t, const struct db_result *r)
{
	t->rows = x_grow(t->rows, t->n, &t->cap, sizeof(*t->rows));
	t->rows[t->n++] =
	    (struct row){.url = x_strdup(db_text(r, 0, JOB_DOCUMENT_URL)),
		.status = x_strdup(db_text(r, 0, JOB_DOCUMENT_STATUS)),
		.attempts = x_strdup(db_text(r, 0, JOB_DOCUMENT_ATTEMPTS)),
		.stage = x_strdup(db_text(r, 0, JOB_DOCUMENT_STAGE)),
		.error = error_text(r)};
}

static int
by_error(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = strcmp(x->error, y->error);

	if (x->same != y->same)
		return x->same > y->same ? -1 : 1;
	return order != 0 ? order : strcmp(x->url, y->url);
}

/* Documents without an error come last, and are no group. */
static void
count_same(struct jobctl_documents *t)
{
	size_t n;

	for (size_t i = 0; i < t->n; i += n) {
		for (n = 1; i + n < t->n &&
			    strcmp(t->rows[i].error, t->rows[i + n].error) == 0;
		     n++)
			;
		for (size_t k = i; k < i + n; k++)
			t->rows[k].same = *t->rows[k].error == '\0' ? 0 : n;
	}
}

/* The error of a group stands in its first row, with the number of rows. */
static void
add_error(struct table *out, const struct row *row, const struct row *before)
{
	if (before != NULL && *row->error != '\0' &&
	    strcmp(row->error, before->error) == 0)
		table_cell(out, "the same");
	else if (row->same > 1)
		table_cellf(out, "%zu times: %s", row->same, row->error);
	else
		table_cell(out, row->error);
}

static void
free_row(struct row *row)
{
	free(row->url);
	free(row->status);
	free(row->attempts);
	free(row->stage);
	free(row->error);
}

size_t
jobctl_documents_print(struct jobctl *c, struct jobctl_documents *t)
{
	static const struct table_column columns[] = {{"URL", TABLE_TAIL},
	    {"STATUS", 0}, {"TRIES", TABLE_RIGHT}, {"STAGE", TABLE_FLEX},
	    {"ERROR", TABLE_WRAP}};
	struct table *out = table_new(columns, 5);
	size_t n = t->n;

	/* First by error, so that equal ones can be counted. */
	if (n > 0)
		qsort(t->rows, n, sizeof(*t->rows), by_error);
	count_same(t);
	if (n > 0)
		qsort(t->rows, n, sizeof(*t->rows), by_error);
	for (size_t i = 0; i < n; i++) {
		struct row *row = &t->rows[i];

		table_cell(out, row->url);
		jobctl_state_cell(out, row->status);
		table_cell(out, row->attempts);
		table_cell(out, row->stage);
		add_error(out, row, i > 0 ? row - 1 : NULL);
	}
	if (n > 0)
		jobctl_print_table(c, out);
	else
		table_free(out);
	for (size_t i = 0; i < n; i++)
		free_row(&t->rows[i]);
	free(t->rows);
	free(t);
	return n;
}
