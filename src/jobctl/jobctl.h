/*
 * jobctl - functions that the commands of pl-jobctl share
 *
 * A command parses its options with jobctl_parse, opens what it needs, writes
 * records or a table, and returns its exit status. A failure that a command
 * cannot handle ends the process with the right status and a message.
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
	enum jobctl_form form; /* form of the output; jobctl_parse sets it */
	const struct jobctl_command *command;
	int argc; /* the command's name, its options and arguments */
	char **argv;
};

struct jobctl_command {
	struct option_set options;
	/* Least and greatest number of arguments; their names, for messages. */
	int least, most;
	const char *arguments;
	int (*run)(struct jobctl *c);
	/* Of a command of two words: the second ones, which NULL ends. */
	const struct jobctl_command *const *commands;
};

option_take jobctl_take_form;
/* Rows of options that every command has, at the end of its table. */
/* clang-format off */
#define JOBCTL_ROWS \
	{OPTION_CALL, .name = "json", .take = jobctl_take_form, \
	    .low = JOBCTL_AS_JSON, .help = "records also on a terminal"}, \
	{OPTION_CALL, .name = "table", .take = jobctl_take_form, \
	    .low = JOBCTL_AS_TABLE, .help = "tables also elsewhere"}, \
	{0}
/* clang-format on */
/* The rows of a command that has no options of its own. */
extern const struct option_row jobctl_plain_rows[];

/* What a command that takes a job has, and says at the end of its help. */
#define JOBCTL_TAKES_JOB .least = 1, .most = 1, .arguments = "JOB"
#define JOBCTL_JOB_HELP                                                        \
	"JOB is an id, the beginning of one, the name of a source (its\n"      \
	"latest job), or 'latest'.\n"

#define JOBCTL_CLASSES "transient|throttled|quota|input|config|internal"

/*
 * Parse the command's options into target (NULL if it has none of its own),
 * check the number of its arguments, and return the arguments; NULL ends them.
 */
char **jobctl_parse(struct jobctl *c, void *target);

/* Connect and check the schema's version. */
void jobctl_open(struct jobctl *c);
/* End the process because the database failed, with a status and a remedy. */
_Noreturn void jobctl_die(struct jobctl *c);
/* End the process with the message why, or as jobctl_die if why is empty. */
_Noreturn void jobctl_refused(struct jobctl *c, struct buf *why);
/* Connect, and find the job that meant names: an id, a source, "latest" ... */
void jobctl_find(
    struct jobctl *c, const char *meant, uint8_t id[static DIGEST_UUID]);

/*
 * Choose one document: meant is its id, which is then kept in id, or its url.
 */
void jobctl_choose_document(struct job_choice *choice, const char *meant,
    uint8_t id[static DIGEST_UUID]);
/* End the process if a document was chosen and is not in the job. */
void jobctl_need_document(struct jobctl *c,
    const uint8_t job[static DIGEST_UUID], const struct job_choice *choice);
/*
 * Split a list at its commas; each word must be among known, which NULL ends.
 * Returns how many; the caller frees *words.
 */
size_t jobctl_words(const char *option, const char *list,
    const char *const *known, const char ***words);

#endif
