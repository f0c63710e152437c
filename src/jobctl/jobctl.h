/*
 * jobctl - what the commands of pl-jobctl share
 *
 * A command parses its options with jobctl_next, opens what it needs, writes
 * records or a table, and returns its exit status. What cannot go on ends the
 * process with the right status and a message.
 */
#ifndef JOBCTL_H
#define JOBCTL_H

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "record/error_record.h"
#include "tool/cli.h"

struct buf;
struct db;
struct db_result;
struct job_choice;
struct metrics;
struct queue;
struct table;

struct jobctl {
	struct db *db;	     /* not connected before jobctl_open */
	struct queue *queue; /* NULL before jobctl_queue */
	struct record_out *out;
	int form; /* JOBCTL_OPT_JSON, JOBCTL_OPT_TABLE, or 0: as it fits */
};

struct jobctl_command {
	const char *name;
	int (*run)(struct jobctl *c, int argc, char **argv);
	const char *arguments; /* for the usage line */
	const char *summary;   /* one line */
	const char *help;      /* more lines, each with its newline */
};

enum { JOBCTL_OPT_JSON = CLI_OPT_FIRST, JOBCTL_OPT_TABLE, JOBCTL_OPT_FIRST };
/* Rows that close a command's struct option table. */
/* clang-format off */
#define JOBCTL_OPTIONS \
	{"json", no_argument, NULL, JOBCTL_OPT_JSON}, \
	{"table", no_argument, NULL, JOBCTL_OPT_TABLE}, \
	CLI_OPTIONS
/* clang-format on */

/* A command's next own option, or -1 at their end. */
int jobctl_next(
    struct jobctl *c, int argc, char **argv, const struct option *options);
/*
 * Parse the options of a command without own ones, and check that exactly n
 * arguments are left, named for the message.
 */
void jobctl_arguments(
    struct jobctl *c, int argc, char **argv, int n, const char *names);
/* Check the number of arguments left after the options. */
void jobctl_expect(int argc, int least, int most, const char *names);

/* Connect to Postgres and check the schema's version. */
void jobctl_open(struct jobctl *c);
/* End because of the database, with its status and a remedy. */
_Noreturn void jobctl_die(struct jobctl *c);
/* End because of why, or of the database when why is empty. */
_Noreturn void jobctl_refused(struct jobctl *c, struct buf *why);
/* Open, and find the job that a person means. */
void jobctl_find(
    struct jobctl *c, const char *meant, uint8_t id[static DIGEST_UUID]);

/* The queue's handle, or NULL: Redis cannot be reached, why in *error. */
struct queue *jobctl_queue(struct jobctl *c, const char **error);
/* Whether the failed call of it may succeed later, or is a matter of set-up. */
int jobctl_redis_away(const struct jobctl *c);
/* Whether there is none, on purpose. */
int jobctl_redis_is_none(const struct jobctl *c);
/* Close what jobctl_queue opened. */
void jobctl_close(struct jobctl *c);
/* Push the job's pending tasks to Redis; a note when that must wait. */
void jobctl_push(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);
/* Take the job's canceled tasks out of Redis; likewise. */
void jobctl_forget(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);

/* Add what Redis knows. 0, or -1 with why in *error. */
int jobctl_read_redis(struct jobctl *c, struct metrics *m, const char **error);

/* Whether to print a table. */
int jobctl_wants_table(const struct jobctl *c);
/* Write text that ends with a newline to standard output. */
void jobctl_print(struct jobctl *c, const struct buf *text);
/* Print a table that fits the terminal, and free it. */
void jobctl_print_table(struct jobctl *c, struct table *t);
/* Print one job: a record, or the page that status shows. */
void jobctl_print_job(struct jobctl *c, const uint8_t id[static DIGEST_UUID]);
/* Cells of the terminal's line, at least 40. */
size_t jobctl_width(void);

/* How a column of a query is shown. */
enum jobctl_kind {
	JOBCTL_TEXT,
	JOBCTL_INT,
	JOBCTL_REAL,
	JOBCTL_BOOL,
	JOBCTL_JSON,
	JOBCTL_AGO /* seconds, in a table only */
};
struct jobctl_column {
	const char *key;     /* in records; NULL: only in tables */
	const char *heading; /* in tables; NULL: only in records */
	enum jobctl_kind kind;
	int flags; /* of the table's column */
};
/*
 * Print a result in text form as records of type, or as a table; an empty
 * table is a line that says nothing is there, on standard error.
 */
void jobctl_print_rows(struct jobctl *c, const struct db_result *r,
    const char *type, const struct jobctl_column *columns, size_t n);

/* "3 m ago"; "" below 0. */
void jobctl_ago(double seconds, char out[static 32]);
/* "in_progress" as people write it. */
const char *jobctl_word(const char *status);

/* The class of that name; a usage error unless it is one of the six. */
enum error_class jobctl_read_class(const char *name);
/* Choose one document by its id, kept in id, or by its url. */
void jobctl_choose_document(struct job_choice *choice, const char *meant,
    uint8_t id[static DIGEST_UUID]);
/* End unless the chosen document, if one was, is in the job. */
void jobctl_need_document(struct jobctl *c,
    const uint8_t job[static DIGEST_UUID], const struct job_choice *choice);
/* A comma list of words that must be among known; the caller frees *words. */
size_t jobctl_words(const char *option, const char *list,
    const char *const *known, const char ***words);

/* The commands. */
int jobctl_init(struct jobctl *c, int argc, char **argv);
int jobctl_create(struct jobctl *c, int argc, char **argv);
int jobctl_start(struct jobctl *c, int argc, char **argv);
int jobctl_progress(struct jobctl *c, int argc, char **argv);
int jobctl_complete(struct jobctl *c, int argc, char **argv);
int jobctl_fail(struct jobctl *c, int argc, char **argv);
int jobctl_cancel(struct jobctl *c, int argc, char **argv);
int jobctl_retry(struct jobctl *c, int argc, char **argv);
int jobctl_status(struct jobctl *c, int argc, char **argv);
int jobctl_list(struct jobctl *c, int argc, char **argv);
int jobctl_documents(struct jobctl *c, int argc, char **argv);
int jobctl_wait(struct jobctl *c, int argc, char **argv);
int jobctl_verify(struct jobctl *c, int argc, char **argv);
int jobctl_sync(struct jobctl *c, int argc, char **argv);
int jobctl_metrics(struct jobctl *c, int argc, char **argv);
int jobctl_health(struct jobctl *c, int argc, char **argv);
int jobctl_sources(struct jobctl *c, int argc, char **argv);
int jobctl_workers(struct jobctl *c, int argc, char **argv);
int jobctl_queues(struct jobctl *c, int argc, char **argv);
int jobctl_pause(struct jobctl *c, int argc, char **argv);
int jobctl_resume(struct jobctl *c, int argc, char **argv);

#endif
