/*
 * jobctl - what the commands of pl-jobctl share
 *
 * A command parses its options with jobctl_parse, opens what it needs, writes
 * records or a table, and returns its exit status. What cannot go on ends the
 * process with the right status and a message.
 */
#ifndef JOBCTL_H
#define JOBCTL_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "tool/cli.h"
#include "tool/option.h"

struct buf;
struct job_choice;

enum jobctl_form { JOBCTL_AS_IT_FITS, JOBCTL_AS_JSON, JOBCTL_AS_TABLE };

struct jobctl {
	struct db *db;	     /* not connected before jobctl_open */
	struct queue *queue; /* NULL before jobctl_queue */
	struct record_out *out;
	enum jobctl_form form; /* of what is shown; jobctl_parse sets it */
	const struct jobctl_command *command;
	int argc; /* the command's name, its options and arguments */
	char **argv;
};

struct jobctl_command {
	struct option_set options;
	/* How many arguments it takes, and their names for messages. */
	int least, most;
	const char *arguments;
	int (*run)(struct jobctl *c);
};

option_take jobctl_take_form;
/* Rows that every command has: the last ones of its table. */
/* clang-format off */
#define JOBCTL_ROWS \
	{OPTION_CALL, .name = "json", .take = jobctl_take_form, \
	    .low = JOBCTL_AS_JSON, .help = "records also on a terminal"}, \
	{OPTION_CALL, .name = "table", .take = jobctl_take_form, \
	    .low = JOBCTL_AS_TABLE, .help = "tables also elsewhere"}, \
	{0}
/* clang-format on */
/* The rows of a command that has no other ones. */
extern const struct option_row jobctl_plain_rows[];

#define JOBCTL_CLASSES "transient|throttled|quota|input|config|internal"

/*
 * Parse the command's options into target (NULL if it has none of its own),
 * check the number of its arguments, and return them, up to NULL.
 */
char **jobctl_parse(struct jobctl *c, void *target);

/* Connect and check the schema's version. */
void jobctl_open(struct jobctl *c);
/* End because of the database, with its status and a remedy. */
_Noreturn void jobctl_die(struct jobctl *c);
/* End because of why, or of the database when why is empty. */
_Noreturn void jobctl_refused(struct jobctl *c, struct buf *why);
/* Open, and find the job that a person means. */
void jobctl_find(
    struct jobctl *c, const char *meant, uint8_t id[static DIGEST_UUID]);

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
