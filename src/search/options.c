#include "options.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "store/collection.h"
#include "tool/cli.h"
#include "tool/option_parse.h"

enum { HITS_MAX = 10000, QUERY_MAX = 1 << 20 };

static void
take_min_score(void *target, const struct option_row *row, const char *name,
    const char *value)
{
	struct search_options *o = target;
	char *end;

	(void)row;
	o->min_score = strtod(value, &end);
	if (end == value || *end != '\0' || !isfinite(o->min_score))
		cli_usage("%s '%s': expected a number", name, value);
}

#define TO(member) OPTION_TO(struct search_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_COLLECTION, .name = "collection", .argument = "NAME", TO(collection),
	.standard = "default", .help = "where to search"},
    {OPTION_NUMBER, 'k', "limit", "N", TO(limit), .low = 1, .high = HITS_MAX,
	.standard = "10", .help = "at most this many hits"},
    {OPTION_CALL, .name = "min-score", .argument = "X",
	.take = take_min_score,
	.help = "only hits of at least this score; the cosine is 1 for the "
		"same direction, 0 for nothing in common"},
    {OPTION_FLAG, .name = "json", TO(json),
	.help = "records also on a terminal"},
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]... WORD...\n"
	     "       pl-search [OPTION]... - <QUERY",
    .about =
	"Finds the stored chunks nearest to the words, which are embedded by "
	"the\n"
	"collection's own model. On a terminal the hits are shown to be read, "
	"in\n"
	"a pipe they are hit records, one JSON object a line, best first.\n",
    .rows = rows,
    .more =
	"Postgres is found by PL_DATABASE_URL, else DATABASE_URL, else "
	"libpq's\n"
	"own variables. A collection of a model behind an API needs what "
	"pl-embed\n"
	"needs: OPENAI_API_KEY, OPENAI_BASE_URL.\n"
	"\n"
	"Exit status: 0 done (also without a hit), 1 failed, 2 usage, 75 a\n"
	"service was unavailable.\n"
	"\n"
	"Examples:\n"
	"  pl-search how do I reset my password\n"
	"  pl-search -k 3 'reset password' | jq -r .url\n",
};

static void
read_standard_input(struct buf *b)
{
	ssize_t n;

	do {
		char *to = buf_reserve(b, 1 << 16);

		n = read(STDIN_FILENO, to, 1 << 16);
		if (n == -1 && errno != EINTR)
			cli_die(
			    CLI_FAILED, "standard input: %s", strerror(errno));
		if (n > 0)
			b->len += (size_t)n;
		if (b->len > QUERY_MAX)
			cli_die(CLI_FAILED,
			    "standard input: a query of more than 1 MiB");
	} while (n != 0);
}

static void
read_query(struct search_options *o, char **words)
{
	struct buf raw = {0};
	size_t first;

	if (words[0] == NULL)
		cli_usage("what should be searched for?");
	if (strcmp(words[0], "-") == 0 && words[1] == NULL)
		read_standard_input(&raw);
	else
		for (; *words != NULL; words++) {
			if (raw.len > 0)
				buf_putc(&raw, ' ');
			buf_puts(&raw, *words);
		}
	while (raw.len > 0 && strchr(" \t\r\n", raw.data[raw.len - 1]))
		raw.len--;
	utf8_repair(&o->query, raw.data, raw.len, &first);
	buf_free(&raw);
	if (o->query.len == 0)
		cli_usage("the query is empty");
}

void
search_options_parse(int argc, char **argv, struct search_options *o)
{
	int first;

	*o = (struct search_options){.min_score = -INFINITY};
	first = option_parse(&set, argc, argv, o);
	read_query(o, argv + first);
}
