#include "tool/option_parse.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/version.h"
#include "store/collection_name.h"
#include "tool/cli.h"
#include "tool/env_file.h"
#include "tool/nearest.h"
#include "tool/option_help.h"
#include "tool/output.h"

/* getopt_long returns this number for the first row; it is above any letter. */
enum { FIRST = 0x1000 };

/* Values. */

static void
set_number(void *member, size_t width, int64_t v)
{
	int32_t narrow = (int32_t)v;

	if (width == sizeof(v))
		memcpy(member, &v, sizeof(v));
	else
		memcpy(member, &narrow, sizeof(narrow));
}

static int64_t
read_number(const struct option_row *row, const char *name, const char *value)
{
	int64_t v;

	if (num_int(value, row->low, row->high, &v) == -1)
		cli_usage("%s '%s': expected a whole number from %lld to %lld",
		    name, value, (long long)row->low, (long long)row->high);
	return v;
}

static size_t
read_size(const struct option_row *row, const char *name, const char *value)
{
	size_t v;

	if (num_size(value, (size_t)row->low, (size_t)row->high, &v) == -1)
		cli_usage("%s '%s': expected a size such as 64KiB or 16MiB, "
			  "from %lld to %lld bytes",
		    name, value, (long long)row->low, (long long)row->high);
	return v;
}

int64_t
option_parse_duration(
    const char *name, const char *value, int64_t low, int64_t high)
{
	int64_t v;
	char lowest[32], highest[32];

	if (num_duration(value, low, high, &v) == 0)
		return v;
	num_format_duration((double)low / 1000, lowest);
	num_format_duration((double)high / 1000, highest);
	cli_usage("%s '%s': expected a duration such as 250ms, 30s, 5m or 1h, "
		  "from %s to %s",
	    name, value, lowest, highest);
}

/* Print the words "a|b|c" as "a, b or c". */
static _Noreturn void
die_of_choice(const struct option_row *row, const char *name, const char *value)
{
	const char *last = strrchr(row->argument, '|');
	struct buf words = {0};

	for (const char *c = row->argument; *c != '\0'; c++)
		if (*c != '|')
			buf_putc(&words, *c);
		else
			buf_puts(&words, c == last ? " or " : ", ");
	cli_usage("%s '%s': expected %s", name, value, words.data);
}

/* The index of the value in the words of the argument. */
static int
read_choice(const struct option_row *row, const char *name, const char *value)
{
	const char *word = row->argument;

	for (int i = 0;; i++) {
		size_t n = strcspn(word, "|");

		if (n == strlen(value) && memcmp(word, value, n) == 0)
			return i;
		if (word[n] == '\0')
			break;
		word += n + 1;
	}
	die_of_choice(row, name, value);
}

static const char *
read_collection(const char *name, const char *value)
{
	if (!collection_name_ok(value))
		cli_usage("%s '%s': a name is 1 to 40 of a-z, 0-9 and _", name,
		    value);
	return value;
}

const char *
option_parse_queue(const char *name, const char *value)
{
	if (*value == '\0')
		cli_usage("%s needs a name", name);
	if (strchr(value, '@') != NULL)
		cli_usage("%s '%s': a name has no @: QUEUE@COLLECTION is where "
			  "the tasks of a collection wait; name the collection "
			  "by --collection",
		    name, value);
	return value;
}

/* name is the option or the variable that has the value, for messages. */
static void
set_value(const struct option_row *row, const char *name, const char *value,
    void *target)
{
	void *member;

	/* A set of such rows alone may have no target. */
	if (row->type == OPTION_CALL) {
		row->take(target, row, name, value);
		return;
	}
	member = (char *)target + row->offset;
	switch (row->type) {
	case OPTION_TITLE:
	case OPTION_CALL:
		break;
	case OPTION_FLAG:
		*(int *)member = 1;
		break;
	case OPTION_NAME:
		if (*value == '\0')
			cli_usage("%s needs a name", name);
		*(const char **)member = value;
		break;
	case OPTION_COLLECTION:
		*(const char **)member = read_collection(name, value);
		break;
	case OPTION_QUEUE:
		*(const char **)member = option_parse_queue(name, value);
		break;
	case OPTION_WORD:
		read_choice(row, name, value);
		*(const char **)member = value;
		break;
	case OPTION_TEXT:
		*(const char **)member = value;
		break;
	case OPTION_NUMBER:
		set_number(member, row->width, read_number(row, name, value));
		break;
	case OPTION_SIZE:
		*(size_t *)member = read_size(row, name, value);
		break;
	case OPTION_DURATION:
		*(int64_t *)member =
		    option_parse_duration(name, value, row->low, row->high);
		break;
	case OPTION_SECONDS:
		*(double *)member = (double)option_parse_duration(
					name, value, row->low, row->high) /
				    1000;
		break;
	case OPTION_CHOICE:
		*(int *)member = read_choice(row, name, value);
		break;
	}
}

/* The command line. */

/* The rows of a set, the common ones last, in the form of getopt_long. */
struct parsing {
	const struct option_row **rows;
	char *given; /* whether the option of a row was given */
	size_t n;
	struct option *names;
	struct buf letters;
};

static void
add_row(struct parsing *p, const struct option_row *row)
{
	p->rows = x_realloc(p->rows, p->n + 1, sizeof(*p->rows));
	p->given = x_realloc(p->given, p->n + 1, sizeof(*p->given));
	p->names = x_realloc(p->names, p->n + 2, sizeof(*p->names));
	p->rows[p->n] = row;
	p->given[p->n] = 0;
	p->names[p->n] = (struct option){.name = row->name,
	    .has_arg = row->argument ? required_argument : no_argument,
	    .val = FIRST + (int)p->n};
	p->n++;
	p->names[p->n] = (struct option){0};
	if (row->letter != 0)
		buf_printf(
		    &p->letters, "%c%s", row->letter, row->argument ? ":" : "");
}

static void
start(struct parsing *p, const struct option_set *set)
{
	/* "+": stop at the command, as the rest belongs to the command. */
	buf_puts(&p->letters, set->commands ? "+:" : ":");
	for (const struct option_row *row = set->rows; row->help; row++)
		if (row->type != OPTION_TITLE)
			add_row(p, row);
	for (size_t i = 0; i < OPTION_HELP_COMMON; i++)
		add_row(p, &option_help_common[i]);
}

/* The place of the row for what getopt_long returned; p->n if there is none. */
static size_t
place_of(const struct parsing *p, int value)
{
	size_t i = 0;

	if (value >= FIRST)
		return (size_t)(value - FIRST);
	while (i < p->n && p->rows[i]->letter != value)
		i++;
	return i;
}

/* The options that begin with the word typed. */
static void
put_candidates(const struct parsing *p, const char *typed, struct buf *b)
{
	for (size_t i = 0; i < p->n; i++)
		if (strncmp(p->rows[i]->name, typed, strlen(typed)) == 0)
			buf_printf(b, "%s--%s", b->len > 0 ? ", " : "",
			    p->rows[i]->name);
}

static _Noreturn void
die_of_unknown(const struct parsing *p, const char *given)
{
	char typed[64];
	struct nearest near = {.typed = typed};
	struct buf candidates = {0};

	snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(given + 2, "="),
	    given + 2);
	put_candidates(p, typed, &candidates);
	if (*typed != '\0' && candidates.len > 0)
		cli_usage(
		    "option '%s' is ambiguous: %s", given, candidates.data);
	for (size_t i = 0; i < p->n; i++)
		nearest_consider(&near, p->rows[i]->name);
	if (near.word != NULL)
		cli_usage("option '%s' is not known: did you mean '--%s'?",
		    given, near.word);
	cli_usage("option '%s' is not known", given);
}

static _Noreturn void
die_of_option(const struct parsing *p, char **argv)
{
	if (optopt >= FIRST)
		cli_usage("option '--%s' takes no value",
		    p->rows[optopt - FIRST]->name);
	/* A byte of a letter beyond ASCII is negative. */
	if (optopt != 0)
		cli_usage("option '-%c' is not known", optopt);
	die_of_unknown(p, argv[optind - 1]);
}

/* Print and exit; an error of standard output is a failure. */
static _Noreturn void
print_and_exit(const char *text)
{
	if (fputs(text, stdout) == EOF)
		cli_die_output();
	output_close(NULL);
	exit(CLI_DONE);
}

/* Take the common option that is at this place of option_help_common. */
static void
take_common(const struct option_set *set, size_t place)
{
	struct buf text = {0};

	switch (place) {
	case OPTION_HELP_VERBOSE:
		cli_set_verbose();
		return;
	case OPTION_HELP_HELP:
		option_help_write(set, &text);
		break;
	case OPTION_HELP_VERSION:
		buf_printf(&text, "%s (pl) %s\n", cli_name(), PL_VERSION);
		break;
	case OPTION_HELP_LIST:
		option_help_list(set, &text);
		break;
	}
	print_and_exit(text.data);
}

static void
take_given(
    struct parsing *p, const struct option_set *set, size_t place, void *target)
{
	const struct option_row *row = p->rows[place];
	size_t own = p->n - OPTION_HELP_COMMON;
	char name[40];

	snprintf(name, sizeof(name), "--%s", row->name);
	p->given[place] = 1;
	if (place >= own)
		take_common(set, place - own);
	else
		set_value(row, name, optarg, target);
}

static void
set_standards(const struct parsing *p, void *target)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->rows[i]->standard != NULL)
			set_value(p->rows[i], p->rows[i]->name,
			    p->rows[i]->standard, target);
}

/* Options that were not given. */
static void
take_environment(const struct parsing *p, void *target)
{
	for (size_t i = 0; i < p->n; i++) {
		const char *variable = p->rows[i]->environment;
		const char *value = variable ? cli_env(variable, NULL) : NULL;

		if (value != NULL && !p->given[i])
			set_value(p->rows[i], variable, value, target);
	}
}

int
option_parse(const struct option_set *set, int argc, char **argv, void *target)
{
	struct parsing p = {0};
	size_t place;
	int c;

	start(&p, set);
	set_standards(&p, target);
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, p.letters.data, p.names, NULL)) !=
	       -1) {
		if (c == ':' && optopt < FIRST)
			cli_usage("option '-%c' needs a value", optopt);
		if (c == ':')
			cli_usage("option '--%s' needs a value",
			    p.rows[optopt - FIRST]->name);
		place = c == '?' ? p.n : place_of(&p, c);
		if (place == p.n)
			die_of_option(&p, argv);
		take_given(&p, set, place, target);
	}
	/* Behind the options, so that --help works with any file. */
	env_file_load();
	take_environment(&p, target);
	free(p.rows);
	free(p.given);
	free(p.names);
	buf_free(&p.letters);
	return optind;
}

size_t
option_parse_command(const struct option_set *set, const char *name)
{
	struct nearest near = {.typed = name};

	for (size_t i = 0; set->commands[i] != NULL; i++) {
		if (strcmp(set->commands[i]->name, name) == 0)
			return i;
		nearest_consider(&near, set->commands[i]->name);
	}
	if (near.word != NULL)
		cli_usage(
		    "'%s' is no command: did you mean '%s'?", name, near.word);
	cli_usage("'%s' is no command", name);
}
