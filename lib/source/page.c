#include "source/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yyjson.h>

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
	yyjson_val *v = yyjson_obj_get(object, key);

	return (struct document_text){yyjson_get_str(v), yyjson_get_len(v)};
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
		/* What is known to be good stays good. */
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
page_notice(struct source *s, const char *fmt, ...)
{
	struct source_page page = {.kind = SOURCE_NOTICE};
	va_list args;

	va_start(args, fmt);
	page.message = write_message(s, fmt, args);
	va_end(args);
	give(s, &page);
}

/* A mark for "this url with this text", to know a repeated piece by. */
static void
identify_piece(const struct document *d, uint8_t id[static DIGEST_UUID])
{
	digest_uuid5(d->uuid, d->content_hash, strlen(d->content_hash), id);
}

/*
 * Whether a piece is new. If its url is taken by another piece, the url gets
 * the piece's name behind a '#'.
 */
static int
is_new_piece(struct source *s, struct document *d, const char *piece)
{
	uint8_t id[DIGEST_UUID];

	identify_piece(d, id);
	if (!id_set_add(&s->seen, id))
		return 0;
	if (id_set_add(&s->seen, d->uuid))
		return 1;
	buf_reset(&s->url, 4096);
	buf_add(&s->url, d->url.s, d->url.n);
	buf_printf(&s->url, "#%s", piece);
	d->url = (struct document_text){s->url.data, s->url.len};
	document_identify(d);
	return id_set_add(&s->seen, d->uuid);
}

/* A byte order mark is no text. */
static void
drop_mark(struct document_text *t)
{
	if (t->n >= 3 && memcmp(t->s, "\xEF\xBB\xBF", 3) == 0) {
		t->s += 3;
		t->n -= 3;
	}
}

void
page_give(struct source *s, struct document *d, const char *piece)
{
	struct source_page page = {.kind = SOURCE_DOCUMENT};
	const char *before = d->content.s;

	drop_mark(&d->content);
	if (d->content.s != before)
		document_identify(d);
	/* Our own record may name a saved document by its id alone. */
	if (d->content.s == NULL && d->url.n > 0) {
		page_fail(s, d, "no_text", "no content");
		return;
	}
	if (d->content.s != NULL && document_is_blank(d->content)) {
		page_fail(s, d, "empty_page",
		    "the page has no text: nothing to store");
		return;
	}
	if (piece != NULL ? !is_new_piece(s, d, piece)
			  : !id_set_add(&s->seen, d->uuid))
		page.kind = SOURCE_REPEAT;
	page.document = *d;
	give(s, &page);
}
