#include "source_change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"
#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "show.h"
#include "source_print.h"
#include "store/collection.h"
#include "store/settings.h"
#include "tool/cli.h"
#include "tool/table.h"

enum { MAP_MAX = 64 << 10, HEADER_MAX = 64, PERCENT = 100 };

struct source_options {
	struct settings settings;
	const char *map, *max_delete;
	int prune, no_prune;
	int64_t grace; /* ms */
};

#define TO(member) OPTION_TO(struct source_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_TEXT, .name = "url", .argument = "URL", TO(settings.uri),
	.help = "where it comes from"},
    {OPTION_TEXT, .name = "verifier", .argument = "VERIFIER",
	TO(settings.verifier),
	.help = "it has a webhook, whose requests are checked so: firecrawl, "
		"standard, hmac:HEADER:PREFIX, token:HEADER or none"},
    {OPTION_TEXT, .name = "map", .argument = "FILE", TO(map),
	.help = "a jq program that turns the body of an event into records"},
    {OPTION_FLAG, .name = "prune", TO(prune),
	.help = "a complete listing deletes the documents that it lacks"},
    {OPTION_FLAG, .name = "no-prune", TO(no_prune),
	.help = "it deletes none (the standard)"},
    {OPTION_DURATION, .name = "grace", .argument = "DURATION", TO(grace),
	.low = 0, .high = 3650LL * OPTION_DAY,
	.help = "it deletes them after this time (of a new source: 7d)"},
    {OPTION_TEXT, .name = "max-delete", .argument = "PERCENT", TO(max_delete),
	.help = "it deletes none if more than this part is missing (of a new "
		"source: 10%)"},
    {OPTION_TEXT, .name = "notify", .argument = "URL", TO(settings.notify),
	.help = "tell this URL when a job of the source has ended"},
    {OPTION_TEXT, .name = "collection", .argument = "NAME",
	TO(settings.collection),
	.help = "where its jobs store, or none: where its latest job did"},
    JOBCTL_ROWS};
/* clang-format on */

/* A url that is given and is not empty. */
static void
check_url(const char *option, const char *url)
{
	if (url == NULL || *url == '\0')
		return;
	if (strncasecmp(url, "http://", 7) != 0 &&
	    strncasecmp(url, "https://", 8) != 0)
		cli_usage(
		    "%s '%s': expected a URL with http or https", option, url);
}

/* Whether n characters at s are visible ASCII, at most HEADER_MAX of them. */
static int
is_word(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] > '~')
			return 0;
	return n <= HEADER_MAX;
}

/* The name of a collection; "none" takes it away. */
static void
check_collection(const char **name)
{
	if (*name == NULL)
		return;
	if (strcmp(*name, "none") == 0)
		*name = "";
	if (**name != '\0' && !collection_name_ok(*name))
		cli_usage(
		    "--collection '%s': a name is 1 to 40 of a-z, 0-9 and "
		    "_, or none",
		    *name);
}

/* As pl-webhook(1) has it. */
static void
check_verifier(const char *v)
{
	static const char *const plain[] = {
	    "", "firecrawl", "standard", "none"};
	const char *rest = NULL;
	size_t n;

	if (v == NULL)
		return;
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (strcmp(v, plain[i]) == 0)
			return;
	if (strncmp(v, "hmac:", 5) == 0)
		rest = v + 5;
	else if (strncmp(v, "token:", 6) == 0 && strchr(v + 6, ':') == NULL)
		rest = v + 6;
	n = rest ? strcspn(rest, ":") : 0;
	if (n > 0 && is_word(rest, n) &&
	    (rest[n] == '\0' || is_word(rest + n + 1, strlen(rest + n + 1))))
		return;
	cli_usage("--verifier '%s': expected firecrawl, standard, "
		  "hmac:HEADER:PREFIX, token:HEADER or none",
	    v);
}

/* Read the program of --map into text. */
static void
read_map(const char *path, struct buf *text)
{
	FILE *f = fopen(path, "re");
	size_t n = 0;
	int failed = 1;

	if (f != NULL) {
		n = fread(buf_reserve(text, MAP_MAX + 1), 1, MAP_MAX + 1, f);
		failed = ferror(f);
		fclose(f);
	}
	if (failed)
		cli_die(CLI_FAILED, "--map %s: %s", path, strerror(errno));
	if (n > MAP_MAX)
		cli_die(CLI_FAILED, "--map %s: longer than 64 KiB", path);
	text->len = n;
	text->data[n] = '\0';
	if (n == 0 || utf8_valid(text->data, n) < n ||
	    memchr(text->data, '\0', n) != NULL)
		cli_die(CLI_FAILED, "--map %s: not a program of jq: %s", path,
		    n == 0 ? "empty; --map '' takes the map away"
			   : "not UTF-8 text");
}

static int64_t
read_percent(const char *s)
{
	char digits[8];
	size_t n = strlen(s);
	int64_t v;

	if (n > 0 && s[n - 1] == '%')
		n--;
	snprintf(digits, sizeof(digits), "%.*s", (int)n, s);
	if (n >= sizeof(digits) || num_int(digits, 0, PERCENT, &v) == -1)
		cli_usage("--max-delete '%s': expected a part such as 10%%, "
			  "from 0%% to 100%%",
		    s);
	return v;
}

/* Read the options into o->settings; map gets the program. Gives the name. */
static const char *
take_options(struct jobctl *c, struct source_options *o, struct buf *map)
{
	struct settings *s = &o->settings;
	const char *name;

	o->grace = -1;
	name = *jobctl_parse(c, o);
	if (*name == '\0')
		cli_usage("NAME is empty");
	if (o->prune && o->no_prune)
		cli_usage("--prune and --no-prune: one of them");
	check_verifier(s->verifier);
	check_url("--url", s->uri);
	check_url("--notify", s->notify);
	check_collection(&s->collection);
	s->prune = o->prune ? 1 : o->no_prune ? 0 : -1;
	/* Whole seconds, and not before the time is over. */
	s->grace = o->grace < 0 ? -1 : (o->grace + 999) / 1000;
	s->max_delete = o->max_delete ? read_percent(o->max_delete) : -1;
	if (o->map != NULL && *o->map != '\0')
		read_map(o->map, map);
	if (o->map != NULL)
		s->map = map->data ? map->data : "";
	return name;
}

static int
add(struct jobctl *c)
{
	struct source_options o = {0};
	struct buf map = {0};
	const char *name = take_options(c, &o, &map);
	int added;

	jobctl_open(c);
	added = settings_add(c->db, name, &o.settings);
	if (added == -1)
		jobctl_die(c);
	if (added == 0)
		cli_die(CLI_FAILED,
		    "source '%s' is there already: 'pl-jobctl source set' "
		    "changes it",
		    name);
	source_print(c, name);
	buf_free(&map);
	return CLI_DONE;
}

const struct jobctl_command source_add = {.options = {.name = "add",
					      .usage = "[OPTION]... NAME",
					      .summary = "make a source",
					      .rows = rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = add};

static int
set(struct jobctl *c)
{
	struct source_options o = {0};
	struct buf map = {0};
	const char *name = take_options(c, &o, &map);
	int changed;

	jobctl_open(c);
	changed = settings_change(c->db, name, &o.settings);
	if (changed == -1)
		jobctl_die(c);
	if (changed == 0)
		source_unknown(name);
	source_print(c, name);
	buf_free(&map);
	return CLI_DONE;
}

const struct jobctl_command source_set = {
    .options = {.name = "set",
	.usage = "[OPTION]... NAME",
	.summary = "change the settings of a source",
	.about = "What is not given stays. An empty value takes a setting "
		 "away.\n",
	.rows = rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = set};

struct delete_options {
	int yes;
};

/* clang-format off */
static const struct option_row delete_rows[] = {
    {OPTION_FLAG, .name = "yes", OPTION_TO(struct delete_options, yes),
	.help = "really"},
    JOBCTL_ROWS};
/* clang-format on */

/* Without --yes nothing is deleted. */
static _Noreturn void
ask_for_yes(struct jobctl *c, const char *name)
{
	int found = 0;
	int64_t n = settings_count(c->db, name, &found);

	if (n == -1)
		jobctl_die(c);
	if (!found)
		source_unknown(name);
	cli_die(CLI_FAILED,
	    "source '%s' has %lld documents: --yes deletes them, with their "
	    "chunks, jobs and events",
	    name, (long long)n);
}

static int delete (struct jobctl *c)
{
	static const struct jobctl_column columns[] = {
	    {NULL, NULL, JOBCTL_TEXT, 0},
	    {"documents", "DOCS", JOBCTL_INT, TABLE_RIGHT},
	    {"chunks", "CHUNKS", JOBCTL_INT, TABLE_RIGHT},
	    {"jobs", "JOBS", JOBCTL_INT, TABLE_RIGHT},
	    {"events", "EVENTS", JOBCTL_INT, TABLE_RIGHT}};
	struct delete_options o = {0};
	const char *name = *jobctl_parse(c, &o);
	struct db_result *r;

	jobctl_open(c);
	if (!o.yes)
		ask_for_yes(c, name);
	r = settings_delete(c->db, name);
	if (r == NULL)
		jobctl_die(c);
	if (db_rows(r) == 0)
		source_unknown(name);
	if (!db_is_null(r, 0, 0))
		cli_die(CLI_FAILED,
		    "source '%s': job %s is open: nothing is deleted; cancel "
		    "the job, or wait for its end",
		    name, db_text(r, 0, 0));
	jobctl_print_rows(c, r, "source_deleted", columns,
	    sizeof(columns) / sizeof(*columns));
	db_result_free(r);
	return CLI_DONE;
}

const struct jobctl_command source_delete = {
    .options = {.name = "delete",
	.usage = "--yes NAME",
	.summary = "delete a source with all that belongs to it",
	.about = "Its documents with their chunks in every collection, its "
		 "jobs and its\n"
		 "events are deleted for good. Not while one of its jobs is "
		 "open.\n",
	.rows = delete_rows},
    .least = 1,
    .most = 1,
    .arguments = "NAME",
    .run = delete};
