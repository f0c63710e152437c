#include "server.h"

#include <math.h>
#include <string.h>

#include "base/backoff.h"
#include "base/num.h"
#include "base/time.h"
#include "document.h"
#include "net/db.h"
#include "record/error_record.h"
#include "record/record_out.h"
#include "store.h"
#include "tool/cli.h"
#include "tool/output.h"

/* The server is away: wait, unless it has been away for too long. */
static int
wait_for_server(struct store *s, int failures)
{
	static const struct backoff away = {0.05, 2, 0.5};
	double now = time_now(), left;
	char how_long[32];

	if (s->server.retry_until <= 0) {
		s->server.retry_until = now + s->options.retry_for;
		num_format_duration(s->options.retry_for, how_long);
		if (s->options.retry_for > 0)
			cli_warn("Postgres: %s; trying again for %s",
			    db_error(s->server.db), how_long);
	}
	left = s->server.retry_until - now;
	if (left <= 0)
		return 0;
	/* What is already stored need not wait. */
	output_check(record_out_flush(s->output.out));
	time_sleep(fmin(backoff_wait(&away, failures), left));
	return 1;
}

int
store_server_try_again(struct store *s, int failures)
{
	return (db_fault(s->server.db) == DB_UNAVAILABLE ||
		   db_fault(s->server.db) == DB_CONFLICT) &&
	       wait_for_server(s, failures);
}

void
store_server_answered(struct store *s)
{
	if (s->server.retry_until > 0)
		cli_note("Postgres: answers again");
	s->server.retry_until = 0;
}

void
store_server_refuse(struct store *s, struct store_document *doc)
{
	/* What only an operator can end: a full disk, a read-only server. */
	static const char *const quota[] = {"53100", "25006", NULL};
	/* Out of memory, statement_timeout, an I/O error. */
	static const char *const passing[] = {"53200", "57014", "58030", NULL};
	const char *state = db_sqlstate(s->server.db),
		   *why = db_error(s->server.db);

	switch (db_fault(s->server.db)) {
	case DB_UNAVAILABLE:
		s->server.unavailable = 1;
		store_document_refuse(
		    doc, ERROR_TRANSIENT, "unavailable", "Postgres: %s", why);
		return;
	case DB_CONFLICT:
		store_document_refuse(doc, ERROR_TRANSIENT, "conflict",
		    "Postgres: %s (%s)", why, state);
		return;
	case DB_DATA:
		store_document_refuse(doc, ERROR_INPUT, "refused_by_database",
		    "Postgres: %s (%s)", why, state);
		return;
	case DB_CONFIG:
		store_document_refuse(doc, ERROR_CONFIG, "database_config",
		    "Postgres: %s (%s)", why, state);
		return;
	default:
		break;
	}
	for (int i = 0; quota[i] != NULL; i++)
		if (strcmp(state, quota[i]) == 0) {
			store_document_refuse(doc, ERROR_QUOTA, "database_full",
			    "Postgres: %s (%s)", why, state);
			return;
		}
	for (int i = 0; passing[i] != NULL; i++)
		if (strcmp(state, passing[i]) == 0) {
			store_document_refuse(doc, ERROR_TRANSIENT,
			    "database_busy", "Postgres: %s (%s)", why, state);
			return;
		}
	store_document_refuse(doc, ERROR_INTERNAL, "database_failed",
	    "Postgres: %s (%s)", why, state);
}
