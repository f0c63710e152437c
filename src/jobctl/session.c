/* What every command of pl-jobctl does first: options, server, job. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "jobctl.h"
#include "net/db.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_out.h"
#include "store/job_choice.h"
#include "store/job_documents.h"
#include "store/job_find.h"
#include "tool/cli.h"
#include "tool/connect.h"

int
jobctl_next(
    struct jobctl *c, int argc, char **argv, const struct option *options)
{
	int o;

	while ((o = cli_next(argc, argv, ":v", options)) == JOBCTL_OPT_JSON ||
	       o == JOBCTL_OPT_TABLE)
		c->form = o;
	return o;
}

void
jobctl_expect(int argc, int least, int most, const char *names)
{
	int n = argc - optind;

	if (n < least)
		cli_usage("an argument is missing: %s", names);
	if (n > most)
		cli_usage("too many arguments: expected %s",
		    most == 0 ? "none" : names);
}

void
jobctl_arguments(
    struct jobctl *c, int argc, char **argv, int n, const char *names)
{
	static const struct option options[] = {JOBCTL_OPTIONS};

	while (jobctl_next(c, argc, argv, options) != -1)
		;
	jobctl_expect(argc, n, n, names);
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
	/* The options are read: from here on the tool speaks as one. */
	cli_start("pl-jobctl", "");
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

enum error_class
jobctl_read_class(const char *name)
{
	int class = error_record_class_parse(name);

	if (class == -1)
		cli_usage("--class '%s': expected transient, throttled, quota, "
			  "input, config or internal",
		    name);
	return (enum error_class) class;
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
