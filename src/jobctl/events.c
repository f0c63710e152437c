/* Commands that show, replay and delete events. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "notify.h"
#include "show.h"
#include "store/event.h"
#include "store/outbox.h"
#include "tool/cli.h"
#include "tool/table.h"

struct list_options {
	struct event_choice choice;
	int outgoing;
};

#define TO(member) OPTION_TO(struct list_options, member)

/* clang-format off */
static const struct option_row list_rows[] = {
    {OPTION_NAME, .name = "source", .argument = "NAME", TO(choice.source),
	.help = "of this source only"},
    {OPTION_FLAG, .name = "unhandled", TO(choice.unhandled),
	.help = "what still waits"},
    {OPTION_FLAG, .name = "failed", TO(choice.failed),
	.help = "what failed"},
    {OPTION_FLAG, .name = "outgoing", TO(outgoing),
	.help = "notifications that are sent to others instead"},
    {OPTION_NUMBER, .name = "limit", .argument = "N", TO(choice.limit),
	.low = 0, .high = 1000000000, .standard = "20",
	.help = "at most this many, 0 for all"},
    JOBCTL_ROWS};
/* clang-format on */
#undef TO

static struct db_result *
list_incoming(struct jobctl *c, const struct event_choice *choice)
{
	static const struct jobctl_column columns[] = {
	    {"id", "EVENT", JOBCTL_INT, TABLE_RIGHT},
	    {"source", "SOURCE", JOBCTL_TEXT, TABLE_FLEX},
	    {"delivery_id", NULL, JOBCTL_TEXT, 0},
	    {"event", "TYPE", JOBCTL_TEXT, TABLE_FLEX},
	    {"status", "STATUS", JOBCTL_TEXT, 0},
	    {"bytes", "BYTES", JOBCTL_INT, TABLE_RIGHT},
	    {"repeats", "REPEATS", JOBCTL_INT, TABLE_RIGHT},
	    {"job_id", NULL, JOBCTL_TEXT, 0},
	    {"message", "ERROR", JOBCTL_TEXT, TABLE_FLEX},
	    {"received_at", NULL, JOBCTL_TEXT, 0},
	    {"handled_at", NULL, JOBCTL_TEXT, 0},
	    {NULL, "RECEIVED", JOBCTL_AGO, 0}};
	struct db_result *r = event_list(c->db, choice);

	if (r != NULL)
		jobctl_print_rows(
		    c, r, "event", columns, sizeof(columns) / sizeof(*columns));
	return r;
}

static int
list(struct jobctl *c)
{
	struct list_options o = {0};
	struct outbox_choice outgoing = {0};
	struct db_result *r;

	jobctl_parse(c, &o);
	jobctl_open(c);
	outgoing.source = o.choice.source;
	outgoing.waiting = o.choice.unhandled;
	outgoing.given_up = o.choice.failed;
	outgoing.limit = o.choice.limit;
	if (o.outgoing)
		r = notify_print(c, &outgoing);
	else
		r = list_incoming(c, &o.choice);
	if (r == NULL)
		jobctl_die(c);
	db_result_free(r);
	return CLI_DONE;
}

static const struct jobctl_command events_list = {
    .options = {.name = "list",
	.usage = "[OPTION]...",
	.summary = "events, the newest first",
	.rows = list_rows},
    .run = list};

static _Noreturn void
die_of_unknown(int64_t id)
{
	cli_die(CLI_FAILED,
	    "event %lld: there is no such event: 'pl-jobctl events list' "
	    "shows them",
	    (long long)id);
}

static int64_t
read_id(const char *s)
{
	int64_t id;

	if (num_int(s, 1, INT64_MAX, &id) == -1)
		cli_usage("ID '%s': expected the number of an event", s);
	return id;
}

static int
show(struct jobctl *c)
{
	int64_t id = read_id(*jobctl_parse(c, NULL));
	struct db_result *r, *body;

	jobctl_open(c);
	r = event_get(c->db, id);
	if (r == NULL)
		jobctl_die(c);
	if (db_rows(r) == 0)
		die_of_unknown(id);
	body = event_body(c->db, id);
	if (body == NULL)
		jobctl_die(c);
	jobctl_print_object(c, "event", db_text(r, 0, 0), body);
	db_result_free(body);
	db_result_free(r);
	return CLI_DONE;
}

static const struct jobctl_command events_show = {
    .options = {.name = "show",
	.usage = "[OPTION]... ID",
	.summary = "one event: headers, body, error",
	.rows = jobctl_plain_rows},
    .least = 1,
    .most = 1,
    .arguments = "ID",
    .run = show};

static int
replay(struct jobctl *c)
{
	int64_t id = read_id(*jobctl_parse(c, NULL));
	uint8_t job[DIGEST_UUID];
	char text[DIGEST_UUID_TEXT];
	int made;

	jobctl_open(c);
	made = event_replay(c->db, id, job);
	if (made == -1)
		jobctl_die(c);
	if (made == 0)
		die_of_unknown(id);
	digest_uuid_text(job, text);
	if (made == 2)
		cli_die(CLI_FAILED,
		    "event %lld: its job %s is open: wait for its end",
		    (long long)id, text);
	jobctl_print_job(c, job);
	return CLI_DONE;
}

static const struct jobctl_command events_replay = {
    .options = {.name = "replay",
	.usage = "[OPTION]... ID",
	.summary = "ingest the body of an event once more, in a new job",
	.about = "As after a change of the source's map. A pl-worker does "
		 "it.\n",
	.rows = jobctl_plain_rows},
    .least = 1,
    .most = 1,
    .arguments = "ID",
    .run = replay};

struct drop_options {
	const char *before;
	int64_t older; /* ms */
	int outgoing;
};

#define TO(member) OPTION_TO(struct drop_options, member)

/* clang-format off */
static const struct option_row drop_rows[] = {
    {OPTION_TEXT, .name = "before", .argument = "TIME", TO(before),
	.help = "received before this time: 2026-01-31T08:30+01:00, or @ and "
		"Unix seconds"},
    {OPTION_DURATION, .name = "older-than", .argument = "DURATION", TO(older),
	.low = 0, .high = 36500LL * OPTION_DAY,
	.help = "received longer ago than this"},
    {OPTION_FLAG, .name = "outgoing", TO(outgoing),
	.help = "notifications that were sent or given up instead"},
    JOBCTL_ROWS};
/* clang-format on */
#undef TO

static int
drop(struct jobctl *c)
{
	struct drop_options o = {.older = -1};
	int64_t before = time_unix(), n;

	jobctl_parse(c, &o);
	if ((o.before == NULL) == (o.older < 0))
		cli_usage("say --before or --older-than");
	if (o.before != NULL && time_parse(o.before, &before) == -1)
		cli_usage("--before '%s': expected a time such as "
			  "2026-01-31T08:30Z, or @ and Unix seconds",
		    o.before);
	if (o.older >= 0)
		before -= o.older / 1000;
	jobctl_open(c);
	n = o.outgoing ? outbox_drop(c->db, before) : event_drop(c->db, before);
	if (n == -1)
		jobctl_die(c);
	cli_warn("%lld %s deleted", (long long)n,
	    o.outgoing ? "notifications" : "events");
	return CLI_DONE;
}

static const struct jobctl_command events_drop = {
    .options = {.name = "drop",
	.usage = "[OPTION]...",
	.summary = "delete old events that were handled",
	.about = "A repeat of an event that was deleted is a new event.\n",
	.rows = drop_rows},
    .run = drop};

static const struct jobctl_command *const commands[] = {
    &events_list, &events_show, &events_replay, &events_drop, NULL};

const struct jobctl_command jobctl_events = {
    .options = {.name = "events",
	.usage = "[OPTION]... COMMAND [ARGUMENT]...",
	.summary = "events of webhooks, and notifications of others",
	.rows = jobctl_plain_rows},
    .commands = commands};
