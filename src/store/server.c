#include "server.h"

#include "base/buf.h"
#include "base/time.h"
#include "document.h"
#include "net/db.h"
#include "record/error_record.h"
#include "record/record_out.h"
#include "record/waiting_record.h"
#include "store.h"
#include "store/collection.h"
#include "tool/output.h"
#include "tool/retry.h"

/* Write a waiting record, so that the worker does not give the document up. */
static void
say_waiting(struct store *s, const struct store_document *doc)
{
	double now = time_now();

	if (now - s->server.said_at < WAITING_RECORD_EVERY)
		return;
	s->server.said_at = now;
	output_check(
	    waiting_record_put(s->output.out, doc->id_text, doc->lease));
}

int
store_server_try_again(struct store *s, const struct store_document *doc)
{
	if (db_fault(s->server.db) != DB_UNAVAILABLE &&
	    db_fault(s->server.db) != DB_CONFLICT)
		return 0;
	/* Records of stored documents must not wait. */
	output_check(record_out_flush(s->output.out));
	say_waiting(s, doc);
	return retry_again(&s->server.away, s->server.db, NULL);
}

void
store_server_answered(struct store *s)
{
	retry_answered(&s->server.away);
}

/* Refuse a document that, alone, takes longer than the server allows. */
static void
refuse_slow(struct store *s, struct store_document *doc)
{
	struct buf why = {0};

	buf_printf(&why, "Postgres: %s (%s)", db_error(s->server.db),
	    db_sqlstate(s->server.db));
	/* If this query fails, the message has no advice. */
	collection_explain_limit(s->server.db, &s->target.collection, &why);
	store_document_refuse(
	    doc, ERROR_CONFIG, "statement_timeout", "%s", why.data);
	buf_free(&why);
}

void
store_server_refuse(struct store *s, struct store_document *doc)
{
	const char *state = db_sqlstate(s->server.db),
		   *why = db_error(s->server.db);

	if (db_was_stopped(s->server.db)) {
		refuse_slow(s, doc);
		return;
	}
	switch (db_fault(s->server.db)) {
	case DB_UNAVAILABLE:
		s->server.unavailable = 1;
		store_document_refuse(doc, ERROR_TRANSIENT, "unavailable",
		    "Postgres: %s%s%s%s", why, *state ? " (" : "", state,
		    *state ? ")" : "");
		break;
	case DB_CONFLICT:
		store_document_refuse(doc, ERROR_TRANSIENT, "conflict",
		    "Postgres: %s (%s)", why, state);
		break;
	case DB_DATA:
		store_document_refuse(doc, ERROR_INPUT, "refused_by_database",
		    "Postgres: %s (%s)", why, state);
		break;
	case DB_CONFIG:
		store_document_refuse(doc, ERROR_CONFIG, "database_config",
		    "Postgres: %s (%s)", why, state);
		break;
	default:
		store_document_refuse(doc, ERROR_INTERNAL, "database_failed",
		    "Postgres: %s (%s)", why, state);
	}
}
