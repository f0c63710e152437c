#include "source/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "record/record.h"
#include "source/state.h"

void
page_skip(struct source *s)
{
	s->number++;
}

struct document_defaults
page_next(struct source *s)
{
	s->number++;
	buf_reset(&s->position, 4096);
	buf_printf(&s->position, "%s#%llu", s->origin.data,
	    (unsigned long long)s->number);
	return (struct document_defaults){
	    .source = s->options.name ? s->options.name : DOCUMENT_SOURCE,
	    .override_source = s->options.name != NULL,
	    .position = s->position.data,
	    .content_key = s->options.content_key,
	};
}

struct document_text
page_member(yyjson_val *object, const char *key)
{
	struct document_text text;

	text.s = record_str(object, key, &text.n);
	return text;
}

static void
give(struct source *s, const struct source_page *page)
{
	s->options.give(s->options.argument, page);
}

/*
 * Write the message. Text from outside is cut: a message is for people, and
 * an error answer may hold a whole web page.
 */
__attribute__((format(printf, 2, 0))) static const char *
write_message(struct source *s, const char *fmt, va_list args)
{
	char *to;

	buf_reset(&s->message, 4096);
	to = buf_reserve(&s->message, 1024);
	vsnprintf(to, 1024, fmt, args);
	return to;
}

void
page_fail(struct source *s, const struct document *d, const char *code,
    const char *fmt, ...)
{
	struct source_page page = {.kind = SOURCE_FAILURE, .code = code};
	va_list args;

	if (d != NULL) {
		page.document = *d;
		/* A failure does not replace a document that was given. */
		if (d->url.n > 0 && id_set_has(&s->seen, d->uuid)) {
			page.kind = SOURCE_REPEAT;
			give(s, &page);
			return;
		}
	}
	va_start(args, fmt);
	page.message = write_message(s, fmt, args);
	va_end(args);
	give(s, &page);
}

void
page_fail_input(struct source *s, const char *origin, int transient,
    const char *code, const char *fmt, ...)
{
	struct source_page page = {.kind = SOURCE_FAILURE,
	    .code = code,
	    .transient = transient,
	    .origin = origin};
	va_list args;

	va_start(args, fmt);
	page.message = write_message(s, fmt, args);
	va_end(args);
	give(s, &page);
}

void
page_tell(struct source *s, enum source_kind kind, const struct document *d,
    struct document_text scrape)
{
	struct source_page page = {
	    .kind = kind, .document = *d, .scrape = scrape};

	give(s, &page);
}

void
page_notice(struct source *s, const char *fmt, ...)
{
	struct source_page page = {.kind = SOURCE_NOTICE};
	va_list args;

	va_start(args, fmt);
	page.message = write_message(s, fmt, args);
	va_end(args);
	give(s, &page);
}

/* An id for "this url with this text", by which repeats are found. */
static void
identify_text(const struct document *d, uint8_t id[static DIGEST_UUID])
{
	digest_uuid5(d->uuid, d->content_hash, strlen(d->content_hash), id);
}

/*
 * Whether a document was given before. A document without content, which is
 * saved already, repeats any document with its url.
 */
static int
is_repeat(struct source *s, const struct document *d)
{
	uint8_t text[DIGEST_UUID];

	if (d->content.s == NULL && id_set_has(&s->seen, d->uuid))
		return 1;
	identify_text(d, text);
	return !id_set_add(&s->seen, text);
}

/* Whether d may have the url in s->other. */
static int
is_free(const struct source *s, const struct document *d)
{
	uint8_t id[DIGEST_UUID];

	digest_uuid5(d->source_id, s->other.data, s->other.len, id);
	return !id_set_has(&s->seen, id);
}

/* As is_free, with a number behind the first n bytes of the url. */
static int
is_free_number(
    struct source *s, const struct document *d, size_t n, size_t number)
{
	s->other.len = n;
	buf_printf(&s->other, "#%zu", number);
	return is_free(s, d);
}

/*
 * Give the url in s->other the first number that is free. Numbers are used in
 * order, so the search may skip some: even for a url with very many texts it
 * takes few steps.
 */
static void
add_number(struct source *s, const struct document *d)
{
	size_t n = s->other.len, taken = 1, unused = 2, middle;

	while (!is_free_number(s, d, n, unused)) {
		taken = unused;
		unused *= 2;
	}
	while (unused - taken > 1) {
		middle = taken + (unused - taken) / 2;
		if (is_free_number(s, d, n, middle))
			unused = middle;
		else
			taken = middle;
	}
	is_free_number(s, d, n, unused);
}

/* Give d another url, as another text has the url of d. */
static void
change_url(struct source *s, struct document *d, const char *piece,
    struct document_text asked)
{
	uint8_t text[DIGEST_UUID];

	buf_reset(&s->other, 4096);
	buf_add(&s->other, asked.s, asked.n);
	if (asked.n == 0 || !is_free(s, d)) {
		s->other.len = 0;
		buf_add(&s->other, d->url.s, d->url.n);
		if (piece != NULL)
			buf_printf(&s->other, "#%s", piece);
		if (piece == NULL || !is_free(s, d))
			add_number(s, d);
	}
	d->url = (struct document_text){s->other.data, s->other.len};
	document_identify(d);
	id_set_add(&s->seen, d->uuid);
	identify_text(d, text);
	id_set_add(&s->seen, text);
}

/* Remove a byte order mark: it is not text. */
static void
drop_mark(struct document_text *t)
{
	if (t->n >= 3 && memcmp(t->s, "\xEF\xBB\xBF", 3) == 0) {
		t->s += 3;
		t->n -= 3;
	}
}

static void
give_document(struct source *s, struct document *d, const char *piece,
    struct document_text asked)
{
	struct source_page page = {.kind = SOURCE_DOCUMENT};
	const char *before = d->content.s;

	drop_mark(&d->content);
	if (d->content.s != before)
		document_identify(d);
	/* A record of pl may name a saved document by its id alone. */
	if (d->content.s == NULL && d->url.n > 0) {
		page_fail(s, d, "no_text", "no content");
		return;
	}
	if (d->content.s != NULL && document_is_blank(d->content)) {
		page_fail(s, d, "empty_page",
		    "the page has no text: nothing to store");
		return;
	}
	if (is_repeat(s, d)) {
		page.kind = SOURCE_REPEAT;
	} else if (d->content.s != NULL && !id_set_add(&s->seen, d->uuid)) {
		page.taken = d->url;
		change_url(s, d, piece, asked);
	}
	page.document = *d;
	give(s, &page);
}

void
page_give(struct source *s, struct document *d)
{
	give_document(s, d, NULL, (struct document_text){0});
}

void
page_give_piece(struct source *s, struct document *d, const char *piece)
{
	give_document(s, d, piece, (struct document_text){0});
}

void
page_give_crawled(
    struct source *s, struct document *d, struct document_text asked)
{
	give_document(s, d, NULL, asked);
}
