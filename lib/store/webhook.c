#include "store/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_webhook.h"

/*
 * Bodies of a statement, if they are more than one. A transaction has several
 * statements: in an array, a long body is copied several times in the server.
 */
enum { STATEMENT_BYTES = 1 << 16, STATEMENT_EVENTS = 1000, BYTEA = 17 };

struct batch {
	struct webhook **events;
	size_t n;
	struct db_args args; /* kept, as their memory is */
};

/* One order for all receivers, in which pl.receive takes its locks. */
static int
compare(const void *a, const void *b)
{
	const struct webhook *x = *(struct webhook *const *)a;
	const struct webhook *y = *(struct webhook *const *)b;
	int order = memcmp(x->source, y->source, DIGEST_UUID);

	if (order == 0 && x->crawl != NULL && y->crawl != NULL)
		order = strcmp(x->crawl, y->crawl);
	else if (order == 0)
		order = (x->crawl != NULL) - (y->crawl != NULL);
	return order ? order : memcmp(x->digest, y->digest, DIGEST_SHA256);
}

/* A column of texts: the member at this offset of each event. */
static void
add_texts(struct db_args *a, const struct batch *b, size_t offset)
{
	const char **texts = x_calloc(b->n + 1, sizeof(*texts));

	for (size_t i = 0; i < b->n; i++)
		texts[i] =
		    *(const char *const *)((const char *)b->events[i] + offset);
	db_arg_texts(a, texts, b->n);
	free(texts);
}

static void
add_bytes(struct db_args *a, const struct batch *b, int bodies)
{
	const void **bytes = x_calloc(b->n + 1, sizeof(*bytes));
	size_t *len = x_calloc(b->n + 1, sizeof(*len));

	for (size_t i = 0; i < b->n; i++) {
		const struct webhook *e = b->events[i];

		bytes[i] = !bodies ? e->digest : e->body ? e->body : "";
		len[i] = bodies ? e->body_len : DIGEST_SHA256;
	}
	db_arg_bytes(a, bytes, len, b->n);
	free(bytes);
	free(len);
}

static void
add_sources(struct db_args *a, const struct batch *b)
{
	uint8_t *ids = x_calloc(b->n + 1, DIGEST_UUID);

	for (size_t i = 0; i < b->n; i++)
		memcpy(
		    ids + i * DIGEST_UUID, b->events[i]->source, DIGEST_UUID);
	db_arg_uuids(a, ids, b->n);
	free(ids);
}

static void
take_result(struct webhook *e, const struct db_result *r, int row)
{
	e->event = db_int(r, row, 1);
	snprintf(e->job, sizeof(e->job), "%s", db_text(r, row, 2));
	e->is_repeat = db_bool(r, row, 3);
}

/* The statement for the batch, with its arguments. */
static const char *
lay_out(struct db_args *a, const struct batch *b)
{
	const struct webhook *e = b->events[0];

	db_args_reset(a);
	if (b->n == 1) {
		db_arg_uuid(a, e->source);
		db_arg_text(a, e->delivery);
		db_arg_binary(a, BYTEA, e->digest, DIGEST_SHA256);
		db_arg_text(a, e->type);
		db_arg_text(a, e->content_type);
		db_arg_text(a, e->headers);
		db_arg_binary(a, BYTEA, e->body, e->body_len);
		db_arg_text(a, e->action);
		db_arg_text(a, e->crawl);
		return sql_receive_one;
	}
	add_sources(a, b);
	add_texts(a, b, offsetof(struct webhook, delivery));
	add_bytes(a, b, 0);
	add_texts(a, b, offsetof(struct webhook, type));
	add_texts(a, b, offsetof(struct webhook, content_type));
	add_texts(a, b, offsetof(struct webhook, headers));
	add_bytes(a, b, 1);
	add_texts(a, b, offsetof(struct webhook, action));
	add_texts(a, b, offsetof(struct webhook, crawl));
	return sql_receive;
}

static int
save_some(struct db *d, const struct batch *b, struct db_args *a)
{
	const char *sql = lay_out(a, b);
	struct db_result *r = db_run(d, sql, a);

	if (r == NULL)
		return -1;
	for (int row = 0; row < db_rows(r); row++) {
		int64_t place = db_int(r, row, 0) - 1;

		if (place >= 0 && (size_t)place < b->n)
			take_result(b->events[place], r, row);
	}
	db_result_free(r);
	return 0;
}

static int
save_all(struct db *d, void *argument)
{
	struct batch *b = argument;
	size_t from = 0;

	while (from < b->n) {
		size_t n = 1, bytes = b->events[from]->body_len;

		while (
		    from + n < b->n && n < STATEMENT_EVENTS &&
		    (bytes += b->events[from + n]->body_len) <= STATEMENT_BYTES)
			n++;
		if (save_some(d,
			&(struct batch){.events = b->events + from, .n = n},
			&b->args) == -1)
			return -1;
		from += n;
	}
	return 0;
}

static int
save(struct db *d, struct webhook **events, size_t n, enum webhook_state *state)
{
	struct batch b = {.events = events, .n = n};

	if (db_transact(d, DB_PLAIN, save_all, &b) != -1)
		*state = WEBHOOK_SAVED;
	else
		*state =
		    db_fault(d) == DB_DATA ? WEBHOOK_REFUSED : WEBHOOK_OPEN;
	db_args_free(&b.args);
	for (size_t i = 0; i < n; i++)
		events[i]->state = *state;
	return *state == WEBHOOK_OPEN ? -1 : 0;
}

int
webhook_save(struct db *d, struct webhook **events, size_t n)
{
	enum webhook_state state;

	qsort(events, n, sizeof(struct webhook *), compare);
	if (save(d, events, n, &state) == -1)
		return -1;
	if (state == WEBHOOK_SAVED || n == 1)
		return 0;
	for (size_t i = 0; i < n; i++)
		events[i]->state = WEBHOOK_OPEN;
	for (size_t i = 0; i < n; i++)
		if (save(d, events + i, 1, &state) == -1)
			return -1;
	return 0;
}

struct webhook_source *
webhook_sources(struct db *d, size_t *n)
{
	struct db_result *r = db_run(d, sql_sources, NULL);
	struct webhook_source *sources;

	if (r == NULL)
		return NULL;
	*n = (size_t)db_rows(r);
	sources = x_calloc(*n + 1, sizeof(*sources));
	for (int i = 0; i < db_rows(r); i++) {
		digest_uuid_parse(
		    db_text(r, i, 0), db_length(r, i, 0), sources[i].id);
		sources[i].name = x_strdup(db_text(r, i, 1));
		sources[i].verifier = x_strdup(db_text(r, i, 2));
		sources[i].has_map = db_bool(r, i, 3);
	}
	db_result_free(r);
	return sources;
}

void
webhook_sources_free(struct webhook_source *sources, size_t n)
{
	for (size_t i = 0; sources != NULL && i < n; i++) {
		free(sources[i].name);
		free(sources[i].verifier);
	}
	free(sources);
}
