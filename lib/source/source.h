/*
 * source - read foreign formats as documents
 *
 * A table of formats recognises and reads JSON values; text_file reads text.
 * The pages go to a function, one at a time and in order: a document, or the
 * reason why there is none. Pure: the caller reads and writes.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "source/page.h"

/* A row of the table of formats. */
struct source_format {
	const char *name;
	const char *recognised_by; /* for people */
	int (*recognise)(struct yyjson_val *value);
	void (*read)(struct source *s, struct yyjson_val *value);
};

/* Strings of the options are borrowed for the life of the source. */
struct source *source_new(const struct source_options *options);
void source_free(struct source *s);

/* The format of a value, or NULL. */
const struct source_format *source_recognise(struct yyjson_val *value);
/* All formats; the last row has a NULL name. */
extern const struct source_format source_formats[];

/*
 * Begin an input; origin is its url or path. A record without url and id gets
 * the url origin#N, where N counts the records of the input from 1.
 */
void source_open(struct source *s, const char *origin);
/* Read a value of the input: a record of any format, or an array of them. */
void source_read(struct source *s, struct yyjson_val *value);
/* Read a page of a long crawl result that comes in items of json_split. */
void source_read_page(struct source *s, struct yyjson_val *value);
/* Read the rest of that result, without its pages. */
void source_read_envelope(struct source *s, struct yyjson_val *value);
/* Count a record that the caller refused: later records keep their numbers. */
void source_skip(struct source *s);
/* As source_skip, for a page of a long crawl result. */
void source_skip_page(struct source *s);
/* End the input, or an outermost array: give a document still open. */
void source_close(struct source *s);
/* End the last input: report the missing parts of crawls. */
void source_finish(struct source *s);
/* Whether an input was an event, which never has all pages of its source. */
int source_is_partial(const struct source *s);

#endif
