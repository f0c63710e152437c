#include "source/source.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "record/record.h"
#include "source/page.h"

/* The first row that recognises a value wins. */
const struct source_format source_formats[] = {
    {"document", "\"type\":\"document\"", source_is_document,
	source_read_record},
    {"firecrawl-crawl", "data, and status, success or type", source_is_crawl,
	source_read_crawl},
    {"firecrawl-errors", "errors and robotsBlocked", source_is_crawl_errors,
	source_read_crawl_errors},
    {"llamaindex-docstore", "docstore/data", source_is_docstore,
	source_read_docstore},
    {"langchain-dumps", "lc and kwargs", source_is_langchain_dumps,
	source_read_piece},
    {"unstructured", "type, element_id and text", source_is_element,
	source_read_element},
    {"llamaindex", "id_ and class_name", source_is_llamaindex,
	source_read_piece},
    {"langchain", "page_content or pageContent", source_is_langchain,
	source_read_piece},
    {"firecrawl", "markdown, html or rawHtml, and metadata",
	source_is_firecrawl_page, source_read_firecrawl_page},
    {"firecrawl-answer", "success or error, and no text",
	source_is_firecrawl_answer, source_read_firecrawl_answer},
    {"record", "content, markdown, text, body ...", source_is_object,
	source_read_record},
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
	return s;
}

void
source_free(struct source *s)
{
	if (s == NULL)
		return;
	source_free_crawls(s);
	source_free_elements(s);
	id_set_free(&s->seen);
	buf_free(&s->origin);
	buf_free(&s->position);
	buf_free(&s->url);
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
source_skip_page(struct source *s)
{
	s->number++;
	s->paged++;
}

void
source_close(struct source *s)
{
	source_close_elements(s);
}

void
source_finish(struct source *s)
{
	source_finish_crawls(s);
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
	source_skip(s);
	source_fail(s, NULL, "not_an_object",
	    "a JSON value that is not an object cannot be a document");
}
