#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "changes.h"
#include "ingest.h"
#include "listing.h"
#include "record/document_size.h"
#include "record/error_record.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "skip.h"
#include "source/source.h"
#include "text/mask.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "tool/progress.h"

enum {
	ESCAPED_MAX = 6, /* most bytes that JSON needs for one byte: \u0001 */
	LEASE_ROOM = 256 /* bytes that pl-worker may add */
};

void
ingest_report_idle(void *argument)
{
	struct ingest *in = argument;

	output_check(record_out_flush(in->out));
}

/* The place in the input for a message: "FILE" or "FILE:LINE". */
static const char *
place(const struct ingest *in, struct buf *out)
{
	buf_puts(out, in->input);
	if (in->line > 0)
		buf_printf(out, ":%llu", (unsigned long long)in->line);
	return out->data;
}

/*
 * Write one error record and one message. The message leaves out a url that is
 * the input's own.
 */
static void
fail_later(struct ingest *in, const char *code, enum error_class class,
    const struct document *d, int64_t offset, double retry_after,
    const char *message)
{
	struct error_record e = ERROR_RECORD_INIT;
	struct buf text = {0}, where = {0}, words = {0};
	char *url = d->url.n > 0 ? x_memdup(d->url.s, d->url.n) : NULL;
	char *source = x_memdup(d->source.s ? d->source.s : "", d->source.n);

	in->failed++;
	if (url == NULL)
		ingest_listing_lacks(in);
	mask_add(&words, message, strlen(message), in->secrets);
	message = words.data ? words.data : "";
	buf_printf(&text, "%s: %s", in->input, message);
	e.stage = "ingest";
	e.class = class;
	e.code = code;
	e.message = text.data;
	e.document_id = url != NULL ? d->id : NULL;
	e.source = url != NULL && *source != '\0' ? source : NULL;
	e.url = url;
	e.line = in->line;
	e.offset = offset;
	e.retry_after = retry_after;
	output_check(error_record_put(in->out, &e));
	if (url != NULL && strcmp(url, in->origin.data) != 0)
		cli_warn("%s: %.500s: %s", place(in, &where), url, message);
	else
		cli_warn("%s: %s", place(in, &where), message);
	free(url);
	free(source);
	buf_free(&text);
	buf_free(&where);
	buf_free(&words);
}

static void
fail(struct ingest *in, const char *code, enum error_class class,
    const struct document *d, int64_t offset, const char *message)
{
	fail_later(in, code, class, d, offset, 0, message);
}

void
ingest_report_failure(
    struct ingest *in, const struct ingest_failure *f, const char *fmt, ...)
{
	struct document d = {.source = document_text(in->options.source_name)};
	char message[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (f->url != NULL) {
		d.url = document_text(f->url);
		document_identify(&d);
	} else if (f->class == ERROR_TRANSIENT || f->class == ERROR_THROTTLED) {
		in->status = CLI_UNAVAILABLE;
	} else if (f->class != ERROR_INPUT && in->status == CLI_DONE) {
		in->status = CLI_FAILED;
	}
	fail_later(in, f->code, f->class, &d, -1, f->retry_after, message);
}

void
ingest_report_refusal(struct ingest *in, const char *code, int64_t offset,
    int as_document, const char *fmt, ...)
{
	struct document d = {.source = document_text(in->options.source_name)};
	char message[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	if (ingest_skip(in, code, message))
		return;
	if (as_document && in->origin.len > 0) {
		d.url = (struct document_text){in->origin.data, in->origin.len};
		document_identify(&d);
	}
	fail(in, code, ERROR_INPUT, &d, offset, message);
}

void
ingest_report_repaired(struct ingest *in, size_t count, size_t at)
{
	struct buf where = {0};

	if (count == 0)
		return;
	in->repaired += count;
	cli_warn("%s: %zu character%s of invalid text (NUL, lone surrogate or "
		 "bad UTF-8) replaced by U+FFFD, the first at byte %zu",
	    place(in, &where), count, count == 1 ? "" : "s", at);
	buf_free(&where);
}

static void
note_other_url(const struct ingest *in, const struct source_page *page)
{
	struct document_text url = page->document.url, taken = page->taken;

	if (taken.n > 0)
		cli_note("%s: %.*s: another text has this url, this one gets "
			 "%.*s",
		    in->input, (int)(taken.n < 500 ? taken.n : 500), taken.s,
		    (int)(url.n < 500 ? url.n : 500), url.s);
}

/* Whether the record is too long for later stages, with room for a lease. */
static int
is_too_long(const struct document *d)
{
	/* Skip the exact count if even full escaping fits. */
	return d->content.n + d->title.n > RECORD_IN_MAX / ESCAPED_MAX / 2 &&
	       document_size(d) > RECORD_IN_MAX - LEASE_ROOM;
}

static void
put(struct ingest *in, const struct source_page *page)
{
	if (is_too_long(&page->document)) {
		fail(in, "too_long", ERROR_INPUT, &page->document, -1,
		    "its record is longer than the 64 MiB that later stages "
		    "take: split the document");
		return;
	}
	output_check(document_put(in->out, &page->document));
	note_other_url(in, page);
	ingest_listing_note(in, &page->document);
	in->documents++;
	progress_update(&in->progress, in->documents);
}

static void
put_deleted(struct ingest *in, const struct document *d)
{
	yyjson_mut_doc *doc = record_out_new(in->out, "deleted");
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_strn(doc, root, "url", d->url.s, d->url.n);
	yyjson_mut_obj_add_strn(doc, root, "source", d->source.s, d->source.n);
	output_check(record_out_put(in->out, doc));
}

static void
tell_notice(const struct ingest *in, const char *message)
{
	struct buf words = {0};

	mask_add(&words, message, strlen(message), in->secrets);
	cli_warn("%s: %s", in->input, words.data ? words.data : "");
	buf_free(&words);
}

void
ingest_report_page(void *argument, const struct source_page *page)
{
	struct ingest *in = argument;
	const struct document *d = &page->document;

	if (page->origin != NULL)
		in->input = page->origin;
	in->listing.pages += page->kind != SOURCE_NOTICE;
	switch (page->kind) {
	case SOURCE_DOCUMENT:
		put(in, page);
		break;
	case SOURCE_FAILURE:
		fail(in, page->code,
		    page->transient ? ERROR_TRANSIENT : ERROR_INPUT, d, -1,
		    page->message);
		break;
	case SOURCE_REPEAT:
		in->repeats++;
		cli_note("%s: %.*s: a repeat, left out", in->input,
		    (int)(d->url.n < 500 ? d->url.n : 500),
		    d->url.s ? d->url.s : "");
		break;
	case SOURCE_CHANGED:
		ingest_changes_note(in, d->url, page->scrape);
		break;
	case SOURCE_GONE:
		put_deleted(in, d);
		break;
	case SOURCE_NOTICE:
		tell_notice(in, page->message);
		break;
	}
}

static void
add_count(struct buf *out, uint64_t n, const char *one, const char *many)
{
	if (n > 0)
		buf_printf(out, ", %llu %s", (unsigned long long)n,
		    n == 1 ? one : many);
}

void
ingest_report_account(const struct ingest *in)
{
	struct buf text = {0};

	buf_printf(&text, "%llu document%s", (unsigned long long)in->documents,
	    in->documents == 1 ? "" : "s");
	add_count(&text, in->failed, "failed", "failed");
	add_count(&text, in->repeats, "repeat left out", "repeats left out");
	add_count(
	    &text, in->skipped, "other file left out", "other files left out");
	add_count(
	    &text, in->repaired, "character replaced", "characters replaced");
	if (in->failed + in->repaired > 0 ||
	    (!in->options.quiet && in->repeats + in->skipped > 0))
		cli_warn("%s", text.data);
	else
		cli_note("%s", text.data);
	buf_free(&text);
}
