#include "worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/backoff.h"
#include "base/buf.h"
#include "base/time.h"
#include "net/db.h"
#include "pipeline.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "store/intake.h"
#include "tool/cli.h"

enum { LOAD_DOCUMENTS = 128, LOAD_BYTES = 4 << 20 };
enum { UNSENT_MAX = 1 << 20 };

/* Loading. */

struct loading {
	struct worker_item *item[LOAD_DOCUMENTS];
	size_t n;
};

static void
got_line(void *argument, const uint8_t *id, const char *line, size_t len)
{
	struct loading *l = argument;

	for (size_t i = 0; i < l->n; i++) {
		struct worker_item *item = l->item[i];
		struct buf b = {0};

		if (item->line != NULL ||
		    memcmp(item->document->id, id, DIGEST_UUID) != 0)
			continue;
		/* The lease goes in before the closing brace. */
		buf_add(&b, line, len - 1);
		buf_printf(&b, ",\"lease\":\"%s\"}\n", item->task->lease);
		item->line = b.data;
		item->len = b.len;
	}
}

static int
load(struct worker *w, struct worker_item *first)
{
	struct loading l = {.n = 0};
	uint8_t ids[LOAD_DOCUMENTS * DIGEST_UUID];
	size_t bytes = 0;

	for (struct worker_item *i = first;
	     i != NULL && l.n < LOAD_DOCUMENTS && bytes < LOAD_BYTES;
	     i = i->next) {
		if (i->line != NULL)
			continue;
		memcpy(ids + l.n * DIGEST_UUID, i->document->id, DIGEST_UUID);
		bytes += i->document->bytes;
		l.item[l.n++] = i;
	}
	if (l.n == 0)
		return 0;
	if (document_load(w->db, ids, l.n, got_line, &l) == -1) {
		worker_service_db_failed(w, "loading documents");
		return -1;
	}
	worker_service_db_answered(w);
	for (size_t i = 0; i < l.n; i++) {
		struct error_record error = ERROR_RECORD_INIT;

		if (l.item[i]->line != NULL)
			continue;
		error.stage = "worker";
		error.class = ERROR_INPUT;
		error.code = "no_content";
		error.message = "the document was deleted or has no content";
		worker_items_remove(&w->waiting, l.item[i]);
		worker_result_failed(w, l.item[i], &error);
	}
	return 0;
}

/* Sending. */

static int
may_send(const struct worker *w)
{
	if (w->waiting.n == 0 || worker_pipeline_is_finishing(w->pipeline))
		return 0;
	if (w->suspects > 0 || w->probes > 0)
		return w->flight.n == 0;
	return w->flight.n < w->options.window &&
	       (w->flight.n == 0 ||
		   w->flight.bytes < w->options.window_bytes) &&
	       worker_pipeline_unsent(w->pipeline) < UNSENT_MAX;
}

/* While there are suspects or probes, each goes alone, before the rest. */
static struct worker_item *
first_to_send(const struct worker *w)
{
	struct worker_item *item = w->waiting.first;

	if (w->suspects == 0 && w->probes == 0)
		return item;
	while (item != NULL && !item->suspect && !item->task->probe)
		item = item->next;
	return item != NULL ? item : w->waiting.first;
}

/* The next item with its record, or NULL: none, or Postgres is away. */
static struct worker_item *
next_to_send(struct worker *w)
{
	struct worker_item *item = first_to_send(w);

	if (item == NULL || item->line != NULL)
		return item;
	if (load(w, item) == -1)
		return NULL;
	/* Loading may have failed that very item. */
	item = first_to_send(w);
	return item != NULL && item->line != NULL ? item : NULL;
}

void
worker_feed(struct worker *w)
{
	if (w->waiting.n > 0 && !worker_pipeline_is_running(w->pipeline)) {
		if (w->now < w->restart_at)
			return;
		w->answered = 0;
		if (worker_pipeline_start(w->pipeline) == -1) {
			cli_warn("pipeline: cannot start: trying again");
			w->restart_at = w->now + 1;
			return;
		}
	}
	while (may_send(w)) {
		struct worker_item *item = next_to_send(w);

		if (item == NULL)
			return;
		worker_items_remove(&w->waiting, item);
		item->sent_at = w->sent_at = w->now;
		worker_pipeline_send(w->pipeline, item->line, item->len);
		worker_items_push(&w->flight, item);
	}
}
