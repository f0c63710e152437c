/* The first steps of each command of pl-jobctl: options, connection, job. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "jobctl.h"
#include "net/db.h"
#include "record/record.h"
#include "record/record_out.h"
#include "store/job_choice.h"
#include "store/job_documents.h"
#include "store/job_find.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/option_parse.h"

/* Set by --json and --table, before or behind the command. */
static enum jobctl_form form;

void
jobctl_take_form(void *target, const struct option_row *row, const char *name,
    const char *value)
{
	(void)target, (void)name, (void)value;
	form = (enum jobctl_form)row->low;
}

const struct option_row jobctl_plain_rows[] = {JOBCTL_ROWS};

char **
jobctl_parse(struct jobctl *c, void *target)
{
	const struct jobctl_command *m = c->command;
	int first = option_parse(&m->options, c->argc, c->argv, target);
	int n = c->argc - first;

	if (n < m->least)
		cli_usage("an argument is missing: %s", m->arguments);
	if (n > m->most)
		cli_usage("too many arguments: expected %s",
		    m->most == 0 ? "none" : m->arguments);
	c->form = form;
	return c->argv + first;
}

void
jobctl_die(struct jobctl *c)
{
	record_out_flush(c->out);
	connect_die(c->db);
}

void
jobctl_refused(struct jobctl *c, struct buf *why)
{
	if (why->len == 0)
		jobctl_die(c);
	record_out_flush(c->out);
	cli_die(CLI_FAILED, "%s", why->data);
}

void
jobctl_open(struct jobctl *c)
{
	/*
	 * The options are read: messages now have the tool's name, without the
	 * command.
	 */
	cli_set_name("pl-jobctl");
	connect_check(c->db, 0);
}

void
jobctl_find(struct jobctl *c, const char *meant, uint8_t id[static DIGEST_UUID])
{
	struct buf why = {0};

	jobctl_open(c);
	if (job_find(c->db, meant, id, &why) == -1)
		jobctl_refused(c, &why);
}

size_t
jobctl_words(const char *option, const char *list, const char *const *known,
    const char ***words)
{
	size_t n = 0;

	*words = x_calloc(strlen(list) + 1, sizeof(**words));
	for (;;) {
		size_t len = strcspn(list, ",");
		const char *const *k = known;

		while (*k != NULL &&
		       (strlen(*k) != len || memcmp(*k, list, len) != 0))
			k++;
		if (*k == NULL) {
			struct buf all = {0};

			for (k = known; *k != NULL; k++)
				buf_printf(
				    &all, "%s%s", k == known ? "" : ", ", *k);
			cli_usage("%s '%.*s': expected one of %s", option,
			    (int)len, list, all.data);
		}
		(*words)[n++] = *k;
		list += len;
		if (*list++ == '\0')
			return n;
	}
}

void
jobctl_choose_document(struct job_choice *choice, const char *meant,
    uint8_t id[static DIGEST_UUID])
{
	if (digest_uuid_parse(meant, strlen(meant), id) == 0)
		choice->document = id;
	else
		choice->url = meant;
}

static int
note_row(void *argument, const struct db_result *r)
{
	(void)r;
	*(int *)argument = 1;
	return -1;
}

void
jobctl_need_document(struct jobctl *c, const uint8_t job[static DIGEST_UUID],
    const struct job_choice *choice)
{
	struct job_choice any = {
	    .document = choice->document, .url = choice->url, .limit = 1};
	char text[DIGEST_UUID_TEXT], document[DIGEST_UUID_TEXT] = "";
	int found = 0;

	if (choice->document == NULL && choice->url == NULL)
		return;
	if (job_documents(c->db, job, &any, 0, note_row, &found) == -1)
		jobctl_die(c);
	if (found)
		return;
	digest_uuid_text(job, text);
	if (choice->document != NULL)
		digest_uuid_text(choice->document, document);
	cli_die(CLI_FAILED, "document '%s' is not in job %s",
	    choice->url ? choice->url : document, text);
}
