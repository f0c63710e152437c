#include "tool/connect.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/db.h"
#include "store/schema.h"
#include "tool/option_parse.h"
#include "tool/own_servers.h"
#include "tool/retry.h"
#include "tool/secret.h"

/* Default limit for the answer to a statement, and the greatest one; ms. */
enum { STATEMENT = 120 * 1000 };

/* What the environment names, or NULL. */
static const char *
given_url(void)
{
	const char *url = secret_env("PL_DATABASE_URL");

	return url ? url : secret_env("DATABASE_URL");
}

/* Whether libpq's own variables name a server. */
static int
is_libpq_told(void)
{
	return cli_env("PGHOST", "PGHOSTADDR") != NULL ||
	       cli_env("PGSERVICE", NULL) != NULL;
}

struct db *
connect_handle(void)
{
	/* pg_stat_activity shows the tool's name without its command. */
	size_t n = strcspn(cli_name(), " ");
	char *tool = x_memdup(cli_name(), n), *own = NULL;
	const char *url = given_url();
	struct db *d;

	if (url == NULL && !is_libpq_told())
		own = own_servers_database();
	d = db_open(own ? own : url, tool);
	free(own);
	free(tool);
	return d;
}

/* A remedy: what to check, or how to name a server if no variable does. */
static const char *
hint(void)
{
	if (given_url() != NULL)
		return "is PL_DATABASE_URL right, and the server up?";
	if (is_libpq_told())
		return "are the PG* variables right, and is the server up?";
	return "PL_DATABASE_URL is not set, and no private server runs: 'pl "
	       "up' starts one";
}

enum cli_status
connect_status(const struct db *d)
{
	switch (db_fault(d)) {
	case DB_UNAVAILABLE:
	case DB_CONFLICT:
		return CLI_UNAVAILABLE;
	default:
		return CLI_FAILED;
	}
}

void
connect_die(const struct db *d)
{
	if (db_is_open(d))
		cli_die(connect_status(d), "Postgres: %s", db_error(d));
	cli_die(connect_status(d), "Postgres: %s: %s", db_error(d), hint());
}

/* Whether the server said that it is starting up or shutting down. */
static int
is_starting(const struct db *d)
{
	return strcmp(db_sqlstate(d), "57P03") == 0;
}

void
connect_check(struct db *d, double patience)
{
	struct retry wait = {.seconds = patience};
	struct buf why = {0};

	while (db_connect(d) == -1)
		if (connect_status(d) != CLI_UNAVAILABLE ||
		    (wait.since <= 0 && !is_starting(d)) ||
		    !retry_again(&wait, d, NULL))
			connect_die(d);
	switch (schema_check(d, &why)) {
	case 0:
		return;
	case -1:
		connect_die(d);
	default:
		cli_die(CLI_FAILED, "Postgres: %s", why.data);
	}
}

struct db *
connect_database(double patience, const struct db_limits *limits)
{
	const char *timeout = cli_env("PL_DATABASE_TIMEOUT", NULL);
	struct db_limits all = limits ? *limits : (struct db_limits){0};
	struct db *d = connect_handle();
	int64_t ms = STATEMENT;

	if (timeout != NULL)
		ms = option_parse_duration(
		    "PL_DATABASE_TIMEOUT", timeout, 1000, OPTION_DAY);
	all.statement = (double)ms / 1000;
	db_set_limits(d, &all);
	connect_check(d, patience);
	return d;
}
