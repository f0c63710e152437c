#include "source/webhook_event.h"

#include <string.h>
#include <yyjson.h>

#include "base/digest.h"
#include "base/utf8.h"
#include "record/json_depth.h"
#include "record/record.h"

static const char body[] = "body", started[] = "started", ended[] = "ended",
		  record[] = "record";

/* What each event of Firecrawl causes; all others are only recorded. */
static const struct {
	const char *type, *action;
} events[] = {
    {"crawl.started", started},
    {"crawl.completed", ended},
    {"crawl.cancelled", ended},
    {"crawl.failed", ended},
    {"batch_scrape.started", started},
    {"batch_scrape.completed", ended},
    {"batch_scrape.failed", ended},
    {"monitor.page", body},
};

static const char *
action_of(const char *type)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (strcmp(type, events[i].type) == 0)
			return events[i].action;
	return record;
}

/* Copy an id; in place of a long one, its SHA-256. */
static void
copy_id(char out[static WEBHOOK_EVENT_ID_MAX + 1], const char *id, size_t n)
{
	struct digest *d;

	if (n <= WEBHOOK_EVENT_ID_MAX) {
		memcpy(out, id, n);
		out[n] = '\0';
		return;
	}
	d = digest_new();
	digest_add(d, id, n);
	digest_end_hex(d, out);
	digest_free(d);
}

static int
refuse(const char **why, const char *reason)
{
	*why = reason;
	return -1;
}

/* The id of one delivery, which is the same in its repeats. */
static int
read_delivery(yyjson_val *root, struct webhook_event *e, const char **why)
{
	yyjson_val *id = yyjson_obj_get(root, "webhookId");

	if (id == NULL || yyjson_is_null(id))
		return 0;
	if (!yyjson_is_str(id) || yyjson_get_len(id) == 0)
		return refuse(why, "webhookId is no text");
	copy_id(e->delivery, yyjson_get_str(id), yyjson_get_len(id));
	return 0;
}

/* The first API has jobId, later ones have id. */
static int
read_crawl(yyjson_val *root, struct webhook_event *e, const char **why)
{
	yyjson_val *id = yyjson_obj_get(root, "id");

	if (id == NULL)
		id = yyjson_obj_get(root, "jobId");
	if (!yyjson_is_str(id) || yyjson_get_len(id) == 0)
		return refuse(why, "the id of the crawl is no text");
	if (yyjson_get_len(id) > WEBHOOK_EVENT_ID_MAX)
		return refuse(why, "the id of the crawl is too long");
	copy_id(e->crawl, yyjson_get_str(id), yyjson_get_len(id));
	return 0;
}

/* An event of Firecrawl; one of an unknown type is only recorded. */
static int
read_firecrawl(yyjson_val *root, struct webhook_event *e, const char **why)
{
	yyjson_val *data = yyjson_obj_get(root, "data");

	e->action = action_of(e->type);
	if (!yyjson_is_bool(yyjson_obj_get(root, "success")))
		return refuse(why, "success is neither true nor false");
	if (e->action == record)
		return 0;
	if (data != NULL && !yyjson_is_arr(data))
		return refuse(why, "data is no array");
	/* The first API sends the documents with the end of the crawl. */
	if (strcmp(e->type, "crawl.completed") == 0 &&
	    yyjson_arr_size(data) > 0)
		e->action = body;
	if (e->action == body)
		return 0;
	return read_crawl(root, e, why);
}

static int
read_root(yyjson_val *root, struct webhook_event *e, const char **why)
{
	yyjson_val *type = yyjson_obj_get(root, "type");

	if (!yyjson_is_str(type))
		return 0;
	memcpy(e->type, yyjson_get_str(type),
	    utf8_floor(yyjson_get_str(type), yyjson_get_len(type),
		WEBHOOK_EVENT_TYPE_MAX));
	if (yyjson_obj_get(root, "success") == NULL)
		return 0;
	if (*e->delivery == '\0' && read_delivery(root, e, why) == -1)
		return -1;
	return read_firecrawl(root, e, why);
}

static int
read_text(const char *text, size_t n, struct webhook_event *e, const char **why)
{
	size_t repaired, at;
	yyjson_doc *doc;
	yyjson_val *root;
	int status;

	if (json_depth_is_over(text, n))
		return refuse(why, "nested more than 512 levels deep");
	doc = record_parse(text, n, &repaired, &at, why, &at);
	if (doc == NULL)
		return -1;
	root = yyjson_doc_get_root(doc);
	status = yyjson_is_ctn(root)
		     ? read_root(root, e, why)
		     : refuse(why, "neither an object nor an array");
	yyjson_doc_free(doc);
	return status;
}

int
webhook_event_read(const char *text, size_t n, int has_map, int signs_id,
    const char *delivery, struct webhook_event *e, const char **why)
{
	*e = (struct webhook_event){.action = body};
	if (delivery != NULL)
		copy_id(e->delivery, delivery, strlen(delivery));
	if (!has_map)
		return read_text(text, n, e, why);
	/* The map decides what the body is; here only its id is read. */
	if (delivery == NULL && signs_id) {
		read_text(text, n, e, why);
		e->action = body;
		*e->crawl = '\0';
	}
	return 0;
}
