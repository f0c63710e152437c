#include "source/source.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "record/record.h"
#include "source/crawl.h"
#include "source/firecrawl.h"
#include "source/llamaindex.h"
#include "source/monitor.h"
#include "source/page.h"
#include "source/state.h"
#include "source/text_record.h"
#include "source/unstructured.h"

/* The first row that recognises a value wins. */
const struct source_format source_formats[] = {
    {"document", "\"type\":\"document\"", text_record_is_document,
	text_record_read},
    {"firecrawl-monitor", "\"type\":\"monitor....\" and data", monitor_is_event,
	monitor_read_event},
    {"firecrawl-crawl", "data, and status, success or type",
	firecrawl_is_result, firecrawl_read_result},
    {"firecrawl-errors", "errors and robotsBlocked", firecrawl_is_errors,
	firecrawl_read_errors},
    {"llamaindex-docstore", "docstore/data", llamaindex_is_docstore,
	llamaindex_read_docstore},
    {"langchain-dumps", "lc and kwargs", text_record_is_langchain_dumps,
	text_record_read_piece},
    {"unstructured", "type, element_id and text", unstructured_is_element,
	unstructured_read_element},
    {"llamaindex", "id_ and class_name", text_record_is_llamaindex,
	text_record_read_piece},
    {"langchain", "page_content or pageContent", text_record_is_langchain,
	text_record_read_piece},
    {"firecrawl", "markdown, html or rawHtml, and metadata", firecrawl_is_page,
	firecrawl_read_page},
    {"firecrawl-answer", "success or error, and no text", firecrawl_is_answer,
	firecrawl_read_answer},
    {"record", "content, markdown, text, body ...", text_record_is_object,
	text_record_read},
    {NULL, NULL, NULL, NULL},
};

const struct source_format *
source_recognise(yyjson_val *value)
{
	for (const struct source_format *f = source_formats; f->name; f++)
		if (yyjson_is_obj(value) && f->recognise(value))
			return f;
	return NULL;
}

struct source *
source_new(const struct source_options *options)
{
	struct source *s = x_calloc(1, sizeof(*s));

	s->options = *options;
	s->read = source_read;
	return s;
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	crawl_free(s);
	unstructured_free(s);
	id_set_free(&s->seen);
	buf_free(&s->origin);
	buf_free(&s->position);
	buf_free(&s->url);
	buf_free(&s->asked);
	buf_free(&s->other);
	buf_free(&s->message);
	free(s);
}

void
source_open(struct source *s, const char *origin)
{
	buf_reset(&s->origin, 4096);
	buf_puts(&s->origin, origin);
	s->number = 0;
	s->paged = 0;
}

void
source_skip(struct source *s)
{
	page_skip(s);
}

void
source_skip_page(struct source *s)
{
	s->number++;
	s->paged++;
}

void
source_close(struct source *s)
{
	unstructured_close(s);
}

void
source_finish(struct source *s)
{
	crawl_finish(s);
}

int
source_is_partial(const struct source *s)
{
	return s->is_partial;
}

void
source_read(struct source *s, yyjson_val *value)
{
	const struct source_format *format = source_recognise(value);
	yyjson_arr_iter iter;
	yyjson_val *v;

	if (format != NULL) {
		format->read(s, value);
		return;
	}
	if (yyjson_is_arr(value) && s->depth == 0) {
		s->depth++;
		yyjson_arr_iter_init(value, &iter);
		while ((v = yyjson_arr_iter_next(&iter)) != NULL)
			source_read(s, v);
		s->depth--;
		source_close(s);
		return;
	}
	page_skip(s);
	page_fail(s, NULL, "not_an_object",
	    "a JSON value that is not an object cannot be a document");
}

void
source_read_page(struct source *s, yyjson_val *value)
{
	firecrawl_read_item(s, value);
}

void
source_read_envelope(struct source *s, yyjson_val *value)
{
	firecrawl_read_rest(s, value);
}
