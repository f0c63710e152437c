#include "feed.h"

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "flight.h"
#include "items.h"
#include "pipeline.h"
#include "record/error_record.h"
#include "record/record_in.h"
#include "result.h"
#include "service.h"
#include "store/document_load.h"
#include "store/task_lease.h"
#include "worker.h"

enum { LOAD_DOCUMENTS = 128, LOAD_BYTES = 4 << 20, UNSENT_MAX = 1 << 20 };

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

/* Fail an item without sending it, as its own fault. */
static void
refuse(struct worker *w, struct worker_item *item, const char *code,
    const char *message)
{
	struct error_record error = ERROR_RECORD_INIT;

	error.stage = "worker";
	error.class = ERROR_INPUT;
	error.code = code;
	error.message = message;
	worker_items_remove(&w->held.waiting, item);
	worker_result_failed(w, item, &error);
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
	if (document_load(w->services.db, ids, l.n, got_line, &l) == -1) {
		worker_service_db_failed(w, "loading documents");
		return -1;
	}
	worker_service_db_answered(w);
	for (size_t i = 0; i < l.n; i++) {
		if (l.item[i]->line == NULL)
			refuse(w, l.item[i], "no_content",
			    "the document was deleted or has no content");
		else if (l.item[i]->len > RECORD_IN_MAX)
			refuse(w, l.item[i], "too_long",
			    "its record is longer than the 64 MiB that stages "
			    "take: split the document");
	}
	return 0;
}

/* Sending. */

static int
may_send(const struct worker *w)
{
	if (w->held.waiting.n == 0 ||
	    worker_pipeline_is_finishing(w->flight.pipeline))
		return 0;
	if (w->held.suspects > 0 || w->held.probes > 0)
		return w->flight.documents.n == 0;
	return w->flight.documents.n < w->options.window &&
	       (w->flight.documents.n == 0 ||
		   w->flight.documents.bytes < w->options.window_bytes) &&
	       worker_pipeline_unsent(w->flight.pipeline) < UNSENT_MAX;
}

/* While there are suspects or probes, each goes alone, before the rest. */
static struct worker_item *
first_to_send(const struct worker *w)
{
	struct worker_item *item = w->held.waiting.first;

	if (w->held.suspects == 0 && w->held.probes == 0)
		return item;
	while (item != NULL && !item->suspect && !item->task->probe)
		item = item->next;
	return item != NULL ? item : w->held.waiting.first;
}

/* The next item, loaded; NULL if there is none, or if Postgres is away. */
static struct worker_item *
next_to_send(struct worker *w)
{
	struct worker_item *item = first_to_send(w);

	if (item == NULL || item->line != NULL)
		return item;
	if (load(w, item) == -1)
		return NULL;
	/* Loading may have failed this item. */
	item = first_to_send(w);
	return item != NULL && item->line != NULL ? item : NULL;
}

/*
 * A suspect may kill this worker: write to the ledger that it goes alone,
 * before it is sent. 0 or -1.
 */
static int
note_alone(struct worker *w, const struct worker_item *item)
{
	if (!item->suspect || task_note_alone(w->services.db,
				  &item->task->claim, item->document->id) == 0)
		return 0;
	worker_service_db_failed(w, "noting a document");
	return -1;
}

void
worker_feed(struct worker *w)
{
	if (w->held.waiting.n > 0 && worker_flight_start(w) == -1)
		return;
	while (may_send(w)) {
		struct worker_item *item = next_to_send(w);

		if (item == NULL || note_alone(w, item) == -1)
			return;
		worker_flight_send(w, item);
	}
}
