/* show - print records, or a table that fits the terminal */
#ifndef JOBCTL_SHOW_H
#define JOBCTL_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct buf;
struct db_result;
struct jobctl;
struct table;

/* Whether to print a table. */
int jobctl_wants_table(const struct jobctl *c);
/* Write text that ends with a newline to standard output. */
void jobctl_print(struct jobctl *c, const struct buf *text);
/* Print a table that fits the terminal, and free it. */
void jobctl_print_table(struct jobctl *c, struct table *t);
/* Print one job: as a record, or as the text that 'status' shows. */
void jobctl_print_job(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);
/* Columns of the terminal, at least 40. */
size_t jobctl_width(void);

/* The type of a column in a query's result. */
enum jobctl_kind {
	JOBCTL_TEXT,
	JOBCTL_INT,
	JOBCTL_REAL,
	JOBCTL_BOOL,
	JOBCTL_JSON,
	JOBCTL_AGO /* seconds; shown as "3 m ago" in a table */
};
struct jobctl_column {
	const char *key;     /* in records; NULL: only in tables */
	const char *heading; /* in tables; NULL: only in records */
	enum jobctl_kind kind;
	int flags; /* of struct table_column */
};
/*
 * Print a result in text form, as records of the given type or as a table. An
 * empty table is a line on standard error that says so.
 */
void jobctl_print_rows(struct jobctl *c, const struct db_result *r,
    const char *type, const struct jobctl_column *columns, size_t n);

/*
 * Print a JSON object: as a record of the given type, or as a line for each
 * member that is no list. With body, which may be NULL, it has one member more:
 * "body", or "body_base64" if that is no text.
 */
void jobctl_print_object(struct jobctl *c, const char *type, const char *json,
    const struct db_result *body);

/*
 * A repair that was made, or that the database refuses. Strings are borrowed.
 */
struct jobctl_repair {
	const char *check;		   /* name of verify's check, or NULL */
	const char *what;		   /* kind of repair, or NULL */
	const char *task, *job, *document; /* ids, or NULL */
	uint64_t count;
	const char *message;
};
void jobctl_put_repair(struct jobctl *c, const struct jobctl_repair *r);

/*
 * Add the cell of a state; on a terminal it has a colour, unless NO_COLOR is
 * set.
 */
void jobctl_state_cell(struct table *t, const char *state);

/* "3 m"; "" below 0. */
void jobctl_span(double seconds, char out[static 32]);
/* "3 m ago"; "" below 0. */
void jobctl_ago(double seconds, char out[static 32]);

#endif
