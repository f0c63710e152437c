/* Commands that admit roles of Postgres, and show them. */
#include "store/roles.h"

#include "base/buf.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "show.h"
#include "tool/cli.h"
#include "tool/table.h"

static int
print_roles(struct jobctl *c)
{
	static const struct jobctl_column columns[] = {
	    {"role", "ROLE", JOBCTL_TEXT, TABLE_FLEX},
	    {"kind", "KIND", JOBCTL_TEXT, 0},
	    {"bypasses_rls", NULL, JOBCTL_BOOL, 0},
	    {"granted_at", "SINCE", JOBCTL_TEXT, 0}};
	struct db_result *r = roles_list(c->db);

	if (r == NULL)
		jobctl_die(c);
	jobctl_print_rows(
	    c, r, "role", columns, sizeof(columns) / sizeof(*columns));
	db_result_free(r);
	return CLI_DONE;
}

static int
set_role(struct jobctl *c, const char *role, const char *kind)
{
	struct buf why = {0};

	jobctl_open(c);
	switch (roles_set(c->db, role, kind, &why)) {
	case 0:
		return print_roles(c);
	case -1:
		jobctl_die(c);
	default:
		jobctl_refused(c, &why);
	}
}

struct grant_options {
	const char *kind;
};

/* clang-format off */
static const struct option_row grant_rows[] = {
    {OPTION_WORD, .name = "as", .argument = "worker|enqueuer|reader",
	OPTION_TO(struct grant_options, kind),
	.help = "what it may do"},
    JOBCTL_ROWS};
/* clang-format on */

static int
grant(struct jobctl *c)
{
	struct grant_options o = {0};
	const char *role = *jobctl_parse(c, &o);

	if ((role == NULL) != (o.kind == NULL))
		cli_usage("say a role and --as, or nothing for a list");
	if (role != NULL)
		return set_role(c, role, o.kind);
	jobctl_open(c);
	return print_roles(c);
}

const struct jobctl_command jobctl_grant = {
    .options = {.name = "grant",
	.usage = "[OPTION]... [ROLE --as KIND]",
	.summary = "what roles of Postgres may do; without ROLE, list them",
	.about = "A worker runs pl-worker, its stages, and all that an "
		 "enqueuer runs: pl-enqueue\n"
		 "and pl-webhook. A reader runs pl-search, and commands that "
		 "only show something.\n"
		 "The owner of the schema runs grant. What the role had before "
		 "is taken away.\n",
	.rows = grant_rows},
    .most = 1,
    .arguments = "ROLE",
    .run = grant};

static int
revoke(struct jobctl *c)
{
	return set_role(c, *jobctl_parse(c, NULL), NULL);
}

const struct jobctl_command jobctl_revoke = {
    .options = {.name = "revoke",
	.usage = "[OPTION]... ROLE",
	.summary = "take all rights on the schema from a role",
	.rows = jobctl_plain_rows},
    .least = 1,
    .most = 1,
    .arguments = "ROLE",
    .run = revoke};
