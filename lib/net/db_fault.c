#include "net/db_fault.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "net/db_private.h"

static const char lock_not_available[] = "55P03";

static int
is_state(const char *state, const char *wanted)
{
	return state != NULL && strcmp(state, wanted) == 0;
}

/*
 * Supavisor reports its own troubles as XX000 with a code in parentheses; the
 * code, not the words after it, is its interface.
 */
static enum db_fault
pooler_fault(const char *message)
{
	static const char *const passing[] = {"(EMAXCONN", "(ECHECKOUT",
	    "(EPOOL", "(EDBHANDLEREXITED", "(ECIRCUITBREAKER"};
	static const char *const config[] = {"(ENOTFOUND", "(ENOIDENTIFIER",
	    "(EADDRNOTALLOWED", "(ESSLREQUIRED"};

	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		if (strstr(message, passing[i]) != NULL)
			return DB_UNAVAILABLE;
	for (size_t i = 0; i < sizeof(config) / sizeof(*config); i++)
		if (strstr(message, config[i]) != NULL)
			return DB_CONFIG;
	return DB_FATAL;
}

enum db_fault
db_fault_of(const char *state, const char *message)
{
	static const struct {
		const char *prefix;
		enum db_fault fault;
	} table[] = {
	    {"08", DB_UNAVAILABLE},    /* connection exception */
	    {"53300", DB_UNAVAILABLE}, /* too many connections */
	    {"53400", DB_UNAVAILABLE}, /* configuration limit exceeded */
	    {"57P01", DB_UNAVAILABLE}, /* admin shutdown */
	    {"57P02", DB_UNAVAILABLE}, /* crash shutdown */
	    {"57P03", DB_UNAVAILABLE}, /* cannot connect now */
	    {"40001", DB_CONFLICT},    /* serialisation failure */
	    {"40P01", DB_CONFLICT},    /* deadlock */
	    {"55P03", DB_CONFLICT},    /* lock not available */
	    {"22", DB_DATA},	       /* data exception */
	    {"23", DB_DATA},	       /* constraint */
	    {"P0", DB_DATA},	       /* raised by a trigger */
	    {"54", DB_DATA},	       /* program limit, e.g. too long */
	    {"28", DB_CONFIG},	       /* authorisation */
	    {"3D", DB_CONFIG},	       /* no such database */
	    {"3F", DB_CONFIG},	       /* no such schema */
	    {"42501", DB_CONFIG},      /* insufficient privilege */
	    {"42P01", DB_CONFIG},      /* no such table */
	    {"0A", DB_CONFIG},	       /* feature not supported */
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) ==
		    0)
			return table[i].fault;
	return strcmp(state, "XX000") == 0 ? pooler_fault(message) : DB_FATAL;
}

/* Without the question that libpq puts behind what happened: callers say. */
void
db_set_error(
    struct db *d, enum db_fault fault, const char *state, const char *message)
{
	static const char hint[] = "\n\tIs the server running ";
	size_t n = 0;

	d->fault = fault;
	snprintf(d->sqlstate, sizeof(d->sqlstate), "%s", state);
	for (; *message != '\0' && n < sizeof(d->error) - 1; message++) {
		if (strncmp(message, hint, strlen(hint)) == 0)
			break;
		char c = *message == '\n' || *message == '\t' ? ' ' : *message;

		if (c != ' ' || (n > 0 && d->error[n - 1] != ' '))
			d->error[n++] = c;
	}
	while (n > 0 && d->error[n - 1] == ' ')
		n--;
	d->error[n] = '\0';
}

void
db_set_error_from(struct db *d, const PGresult *r)
{
	const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
	const char *context = PQresultErrorField(r, PG_DIAG_CONTEXT);
	struct buf text = {0};

	if (message == NULL)
		message = PQerrorMessage(d->conn);
	if (is_state(state, lock_not_available)) {
		buf_puts(&text, "another transaction holds a lock that is "
				"needed");
		/* It tells the row and the table. */
		if (context != NULL)
			buf_printf(&text, " %s", context);
	} else {
		buf_puts(&text, message);
	}
	if (detail != NULL)
		buf_printf(&text, ": %s", detail);
	if (state == NULL || !db_is_open(d))
		db_set_error(d, DB_UNAVAILABLE, state ? state : "", text.data);
	else
		db_set_error(d, db_fault_of(state, message), state, text.data);
	buf_free(&text);
}

const char *
db_error(const struct db *d)
{
	return d->error;
}

enum db_fault
db_fault(const struct db *d)
{
	return d->fault;
}

const char *
db_sqlstate(const struct db *d)
{
	return d->sqlstate;
}

int
db_is_locked(const struct db *d)
{
	return is_state(d->sqlstate, lock_not_available);
}

void
db_set_lost(struct db *d)
{
	db_set_error(d, DB_UNAVAILABLE, "", PQerrorMessage(d->conn));
}
