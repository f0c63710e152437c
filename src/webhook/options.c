#include "options.h"

#include "tool/cli.h"
#include "tool/option.h"
#include "tool/option_parse.h"

#define TO(member) OPTION_TO(struct webhook_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_NAME, .name = "listen", .argument = "ADDR:PORT", TO(listen),
	.environment = "PL_WEBHOOK_LISTEN", .standard = "127.0.0.1:8785",
	.help = "where to listen, [ADDR]:PORT for IPv6; port 0: any, which is "
		"printed; sockets of systemd come before it"},
    {OPTION_NAME, .name = "secrets", .argument = "DIR", TO(secrets),
	.environment = "PL_WEBHOOK_SECRETS",
	.help = "the folder of the secrets, a file for each source with one or "
		"two lines (default: CREDENTIALS_DIRECTORY)"},
    {OPTION_SIZE, .name = "max-body", .argument = "SIZE", TO(max_body),
	.low = 1, .high = 1 << 30, .standard = "32MiB",
	.help = "refuse a longer body"},
    {OPTION_SIZE, .name = "max-memory", .argument = "SIZE", TO(max_memory),
	.low = 1, .high = 1LL << 40, .standard = "64MiB",
	.help = "all bodies that are being received, together; more is "
		"answered with 503"},
    {OPTION_DURATION, .name = "timeout", .argument = "DURATION", TO(timeout),
	.low = 100, .high = OPTION_HOUR, .standard = "10s",
	.help = "a request must be complete in this time"},
    {OPTION_NUMBER, .name = "connections", .argument = "N", TO(connections),
	.low = 1, .high = 10000, .standard = "256",
	.help = "connections at the same time; further ones wait"},
    {OPTION_FLAG, .name = "stdin", TO(is_stdin),
	.help = "answer one request from standard input, or of CGI, and end"},
    {0}};
/* clang-format on */

static const struct option_set set = {
    .usage = "[OPTION]...",
    .about =
	"Receives webhooks: POST /hook/SOURCE. An event that passes the\n"
	"verifier of its source is committed to Postgres with the job that it\n"
	"causes, and only then answered with 200; a repeat causes nothing.\n"
	"GET /healthz and /metrics say how it goes.\n",
    .rows = rows,
    .more =
	"Postgres is found by PL_DATABASE_URL, else DATABASE_URL, else "
	"libpq's\n"
	"own variables. It may be away: then senders are told to come again.\n"
	"\n"
	"Examples:\n"
	"  pl-webhook --secrets /etc/pl/secrets\n"
	"  pl-webhook --stdin <request.http\n",
};

void
webhook_options_parse(int argc, char **argv, struct webhook_options *o)
{
	int first;

	*o = (struct webhook_options){0};
	first = option_parse(&set, argc, argv, o);
	if (first < argc)
		cli_usage("'%s': no arguments are expected", argv[first]);
	if (o->secrets == NULL)
		o->secrets = cli_env("CREDENTIALS_DIRECTORY", NULL);
	if (o->max_memory < o->max_body)
		cli_usage("--max-memory is less than --max-body");
}
