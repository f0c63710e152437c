#include "receiver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "net/db.h"
#include "options.h"
#include "store/schema.h"
#include "tool/cli.h"
#include "tool/connect.h"

enum {
	STATEMENT = 5,	  /* seconds that a statement may take */
	SETTINGS_MAX = 2, /* seconds; older settings are read again */
	SETTINGS_MIN = 1, /* the same for a source that is not known */
	HEALTHY = 10,	  /* seconds since Postgres answered */
	LOG_LINES = 10	  /* about refused requests, in a second */
};

static void
note_answered(struct receiver *r)
{
	if (r->is_away)
		cli_warn("Postgres: is back");
	r->is_away = 0;
	r->away_until = 0;
	r->answered = time_now();
}

/* A server that is silent for long is asked less often. */
static void
note_failed(struct receiver *r, double since, const char *why)
{
	double took = time_now() - since;

	if (!r->is_away)
		cli_warn("Postgres: %s: senders are told to come again", why);
	r->is_away = 1;
	r->away_until = time_now() + (took > 1 ? took : 1);
}

/* Connect, and look at the schema once. 0 or -1. */
static int
connect(struct receiver *r)
{
	double since = time_now();
	struct buf why = {0};
	int status;

	if (db_is_open(r->db) && r->is_checked)
		return 0;
	if (db_connect(r->db) == -1) {
		note_failed(r, since, db_error(r->db));
		return -1;
	}
	status = r->is_checked ? 0 : schema_check(r->db, &why);
	if (status != 0)
		note_failed(
		    r, since, status == -1 ? db_error(r->db) : why.data);
	r->is_checked |= status == 0;
	buf_free(&why);
	return status == 0 ? 0 : -1;
}

void
receiver_open(struct receiver *r, const struct webhook_options *options)
{
	static const struct db_limits limits = {
	    .statement = STATEMENT, .stopping = 2, .stop = 3};

	/* One connection serves all: it must not wait long for a silent host.
	 */
	setenv("PGCONNECT_TIMEOUT", "3", 0);
	*r = (struct receiver){.options = options};
	r->db = connect_handle();
	db_set_limits(r->db, &limits);
	if (db_connect(r->db) == -1) {
		if (connect_status(r->db) != CLI_UNAVAILABLE)
			connect_die(r->db);
		note_failed(r, time_now(), db_error(r->db));
		return;
	}
	connect_check(r->db, 0);
	r->is_checked = 1;
	note_answered(r);
}

void
receiver_close(struct receiver *r)
{
	webhook_sources_free(r->sources, r->n_sources);
	db_close(r->db);
}

int
receiver_may_ask(const struct receiver *r)
{
	return time_now() >= r->away_until;
}

static void
read_sources(struct receiver *r)
{
	double since = time_now();
	struct webhook_source *sources;
	size_t n;

	if (connect(r) == -1)
		return;
	sources = webhook_sources(r->db, &n);
	/* A connection that was lost while idle is made anew at once. */
	if (sources == NULL && !db_is_open(r->db) && time_now() - since < 1 &&
	    !r->is_away)
		sources = webhook_sources(r->db, &n);
	if (sources == NULL) {
		note_failed(r, since, db_error(r->db));
		return;
	}
	note_answered(r);
	webhook_sources_free(r->sources, r->n_sources);
	r->sources = sources;
	r->n_sources = n;
	r->sources_at = time_now();
}

int
receiver_is_healthy(struct receiver *r)
{
	if (time_now() - r->answered > (double)HEALTHY / 2 &&
	    receiver_may_ask(r))
		read_sources(r);
	return !r->is_away && time_now() - r->answered < HEALTHY;
}

static int
by_name(const void *name, const void *source)
{
	return strcmp(name, ((const struct webhook_source *)source)->name);
}

static const struct webhook_source *
find(const struct receiver *r, const char *name)
{
	if (r->n_sources == 0)
		return NULL;
	return bsearch(
	    name, r->sources, r->n_sources, sizeof(*r->sources), by_name);
}

const struct webhook_source *
receiver_source(struct receiver *r, const char *name, int *is_unknown)
{
	const struct webhook_source *s = find(r, name);
	double age = time_now() - r->sources_at;

	if ((r->sources == NULL ||
		age > (s != NULL ? SETTINGS_MAX : SETTINGS_MIN)) &&
	    receiver_may_ask(r)) {
		read_sources(r);
		s = find(r, name);
	}
	*is_unknown = s == NULL && r->sources != NULL && !r->is_away;
	return s;
}

/* What became of the events, for the metrics and the messages. */
static void
count_saved(struct receiver *r, struct webhook *const *events, size_t n)
{
	r->batches++;
	for (size_t i = 0; i < n; i++) {
		r->saved +=
		    events[i]->state == WEBHOOK_SAVED && !events[i]->is_repeat;
		r->repeats +=
		    events[i]->state == WEBHOOK_SAVED && events[i]->is_repeat;
	}
}

static int
has_refused(struct webhook *const *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (events[i]->state == WEBHOOK_REFUSED)
			return 1;
	return 0;
}

void
receiver_save(struct receiver *r, struct webhook **events, size_t n)
{
	double since = time_now();
	int status;

	if (!receiver_may_ask(r) || connect(r) == -1)
		return;
	status = webhook_save(r->db, events, n);
	/* Once more, if a connection broke; a repeat of an event is known. */
	if (status == -1 && !db_is_open(r->db) && time_now() - since < 1)
		status = webhook_save(r->db, events, n);
	r->commit_seconds += time_now() - since;
	count_saved(r, events, n);
	if (has_refused(events, n))
		cli_warn("Postgres: refuses an event: %s", db_error(r->db));
	if (status == 0)
		note_answered(r);
	else if (db_fault(r->db) == DB_CONFLICT)
		cli_warn("Postgres: %s", db_error(r->db));
	else
		note_failed(r, since, db_error(r->db));
}

/* A path is a stranger's text: without control characters, and not long. */
static void
printable(const char *s, char out[static 128])
{
	size_t n = 0;

	for (; *s != '\0' && n < 120; s++)
		out[n++] = *s < ' ' || *s > '~' ? '?' : *s;
	snprintf(out + n, 8, "%s", *s != '\0' ? "..." : "");
}

void
receiver_answered(
    struct receiver *r, int status, const char *path, const char *why)
{
	int64_t second = time_unix();
	char shown[128];

	r->answers[status < RECEIVER_STATUSES ? status : 500]++;
	if (status < 400)
		return;
	if (second != r->log_second) {
		if (r->unlogged > 0)
			cli_warn("%u more requests were refused", r->unlogged);
		r->logged = r->unlogged = 0;
		r->log_second = second;
	}
	if (++r->logged > LOG_LINES) {
		r->unlogged++;
		return;
	}
	printable(path, shown);
	cli_warn("%s: %d: %s", shown, status, why);
}

static void
put(struct buf *out, const char *name, const char *type, const char *help,
    double value)
{
	buf_printf(out, "# HELP pl_webhook_%s %s\n# TYPE pl_webhook_%s %s\n",
	    name, help, name, type);
	buf_printf(out, "pl_webhook_%s %.15g\n", name, value);
}

void
receiver_metrics(const struct receiver *r, struct buf *out)
{
	buf_puts(out, "# HELP pl_webhook_requests_total Requests that were "
		      "answered, by status.\n"
		      "# TYPE pl_webhook_requests_total counter\n");
	for (int i = 0; i < RECEIVER_STATUSES; i++)
		if (r->answers[i] > 0 || i == 200)
			buf_printf(out,
			    "pl_webhook_requests_total{status=\"%d\"} %llu\n",
			    i, (unsigned long long)r->answers[i]);
	put(out, "events_total", "counter", "Events that were saved.",
	    (double)r->saved);
	put(out, "repeats_total", "counter",
	    "Events that were saved before, and caused nothing.",
	    (double)r->repeats);
	buf_printf(out,
	    "# HELP pl_webhook_commit_seconds Time of commits.\n"
	    "# TYPE pl_webhook_commit_seconds summary\n"
	    "pl_webhook_commit_seconds_sum %.6f\n"
	    "pl_webhook_commit_seconds_count %llu\n",
	    r->commit_seconds, (unsigned long long)r->batches);
	put(out, "connections", "gauge", "Open connections.",
	    (double)r->connections);
	put(out, "body_bytes", "gauge", "Bytes of bodies in memory.",
	    (double)r->memory);
	put(out, "up", "gauge", "Whether Postgres answered its last request.",
	    r->answered > 0 && !r->is_away);
}
