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
struct job_choice;

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

/* Connect and check the schema's version. */
void jobctl_open(struct jobctl *c);
/* End because of the database, with its status and a remedy. */
_Noreturn void jobctl_die(struct jobctl *c);
/* End because of why, or of the database when why is empty. */
_Noreturn void jobctl_refused(struct jobctl *c, struct buf *why);
/* Open, and find the job that a person means. */
void jobctl_find(
    struct jobctl *c, const char *meant, uint8_t id[static DIGEST_UUID]);

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

#endif
