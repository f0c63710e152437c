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

/* Temporary failures are DB_UNAVAILABLE. The first rule that matches counts. */
static const struct rule {
	const char *prefix;
	enum db_fault fault;
	enum db_fault later; /* fault after a session has worked */
} rules[] = {
    {"08", DB_UNAVAILABLE, DB_UNAVAILABLE},    /* connection exception */
    {"25006", DB_UNAVAILABLE, DB_UNAVAILABLE}, /* read-only, in recovery */
    {"53", DB_UNAVAILABLE, DB_UNAVAILABLE},    /* disk, memory, connections */
    {"57014", DB_UNAVAILABLE, DB_UNAVAILABLE}, /* statement_timeout */
    {"57P", DB_UNAVAILABLE, DB_UNAVAILABLE},   /* shutdown, starting up */
    {"58030", DB_UNAVAILABLE, DB_UNAVAILABLE}, /* I/O error */
    {"40001", DB_CONFLICT, DB_CONFLICT},       /* serialisation failure */
    {"40P01", DB_CONFLICT, DB_CONFLICT},       /* deadlock */
    {"55P03", DB_CONFLICT, DB_CONFLICT},       /* lock not available */
    {"22", DB_DATA, DB_DATA},		       /* data exception */
    {"23", DB_DATA, DB_DATA},		       /* constraint */
    {"P0", DB_DATA, DB_DATA},		       /* raised by a trigger */
    {"54", DB_DATA, DB_DATA},		       /* program limit: too long */
    {"28", DB_CONFIG, DB_UNAVAILABLE},	       /* authorisation */
    {"3D", DB_CONFIG, DB_UNAVAILABLE},	       /* no such database */
    {"3F", DB_CONFIG, DB_CONFIG},	       /* no such schema */
    {"42501", DB_CONFIG, DB_CONFIG},	       /* insufficient privilege */
    {"42P01", DB_CONFIG, DB_CONFIG},	       /* no such table */
    {"0A", DB_CONFIG, DB_CONFIG},	       /* feature not supported */
};

/*
 * Supavisor reports its own failures as XX000 with a code in parentheses. The
 * code is its interface; the words behind it may change.
 */
static enum db_fault
pooler_fault(const char *message, int worked)
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
			return worked ? DB_UNAVAILABLE : DB_CONFIG;
	return DB_FATAL;
}

enum db_fault
db_fault_of(const char *state, const char *message, int worked)
{
	for (size_t i = 0; i < db_fault_rules(); i++)
		if (strncmp(state, rules[i].prefix, strlen(rules[i].prefix)) ==
		    0)
			return worked ? rules[i].later : rules[i].fault;
	return strcmp(state, "XX000") == 0 ? pooler_fault(message, worked)
					   : DB_FATAL;
}

size_t
db_fault_rules(void)
{
	return sizeof(rules) / sizeof(*rules);
}

/* Cut off the question that libpq adds to its message; callers add a remedy. */
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
		/* The context names the row and the table. */
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
		db_set_error(d, db_fault_of(state, message, d->worked), state,
		    text.data);
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
db_was_stopped(const struct db *d)
{
	return is_state(d->sqlstate, "57014");
}

int
db_is_locked(const struct db *d)
{
	return is_state(d->sqlstate, lock_not_available);
}

void
db_set_lost(struct db *d)
{
	db_set_error(d, DB_UNAVAILABLE, "",
	    d->conn ? PQerrorMessage(d->conn) : "the connection was lost");
}
