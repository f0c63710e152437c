#include "json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "ingest.h"
#include "input.h"
#include "listing.h"
#include "pass.h"
#include "record/json_split.h"
#include "record/record.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "report.h"
#include "source/source.h"
#include "tool/output.h"

enum {
	PEEK = 1 << 20, /* most bytes to read to find the first line's end */
	WHOLE =
	    1 << 20, /* bytes up to which a crawl result is parsed as a whole */
	KEEP = 4 << 20
};

/* Why a text was refused. */
struct refusal {
	const char *code, *why;
	int64_t at; /* byte offset in the text, or -1 */
};

static void
refuse(struct ingest *in, const struct refusal *r, enum json_split_kind kind)
{
	if (kind == JSON_SPLIT_PAGE)
		source_skip_page(in->source);
	else
		source_skip(in->source);
	if (strcmp(r->code, "bad_json") == 0 && r->at >= 0)
		ingest_report_refusal(in, r->code, r->at, 0,
		    "%s%s at byte %lld; this record is left out%s",
		    strncmp(r->why, "not ", 4) == 0 ? "" : "not valid JSON: ",
		    r->why, (long long)r->at,
		    r->at == 0 ? " (is it text? --format markdown reads that)"
			       : "");
	else
		ingest_report_refusal(in, r->code, r->at, 0, "%s", r->why);
}

static void
take_record(struct ingest *in, yyjson_val *root, const char *text, size_t n,
    size_t repaired, size_t repaired_at)
{
	ingest_report_repaired(in, repaired, repaired_at);
	/* The line number of a crawl result does not help to find its pages. */
	if (yyjson_is_ctn(yyjson_obj_get(root, "data")))
		in->line = 0;
	in->values++;
	if (!ingest_pass(in, root, text, n, repaired))
		source_read(in->source, root);
}

/* Parse an item and give it to the source. 0, or -1 with the refusal. */
static int
take_item(struct ingest *in, enum json_split_kind kind,
    const struct json_split_item *item, struct refusal *refusal)
{
	size_t repaired, repaired_at = 0, at = 0;
	yyjson_doc *doc = record_parse(
	    item->text, item->n, &repaired, &repaired_at, &refusal->why, &at);
	yyjson_val *root = yyjson_doc_get_root(doc);

	refusal->code = "bad_json";
	refusal->at = (int64_t)at;
	if (doc == NULL)
		return -1;
	if (repaired > 0 && in->options.reject_invalid) {
		*refusal = (struct refusal){"invalid_text",
		    "NUL, a lone surrogate or invalid UTF-8: "
		    "--invalid replace takes it",
		    (int64_t)repaired_at};
		yyjson_doc_free(doc);
		return -1;
	}
	if (in->look != NULL && kind != JSON_SPLIT_PAGE)
		in->look(in->look_argument, root);
	if (kind == JSON_SPLIT_RECORD) {
		take_record(
		    in, root, item->text, item->n, repaired, repaired_at);
	} else {
		ingest_report_repaired(in, repaired, repaired_at);
		in->values++;
		if (kind == JSON_SPLIT_PAGE)
			source_read_page(in->source, root);
		else
			source_read_envelope(in->source, root);
	}
	yyjson_doc_free(doc);
	return 0;
}

/* The next item of a text in memory; the caller sets *fed to 0 at first. */
static enum json_split_kind
next_of_memory(struct json_split *t, struct json_split_item *item,
    const char *text, size_t n, int *fed)
{
	enum json_split_kind kind;

	while ((kind = json_split_next(t, item)) == JSON_SPLIT_MORE) {
		if (*fed)
			json_split_finish(t);
		else
			json_split_feed(t, text, n);
		*fed = 1;
	}
	return kind;
}

/* Whether a refused text has several parts, so that some may be good. */
static int
has_parts(struct ingest *in, const char *text, size_t n)
{
	struct json_split *t = json_split_new(in->options.max_record, 0);
	struct json_split_item item;
	enum json_split_kind kind;
	int fed = 0, records = 0, parts = 0;

	while (!parts) {
		kind = next_of_memory(t, &item, text, n, &fed);
		if (kind == JSON_SPLIT_END || kind == JSON_SPLIT_BAD)
			break;
		records += kind == JSON_SPLIT_RECORD;
		parts = kind == JSON_SPLIT_PAGE ||
			kind == JSON_SPLIT_ARRAY_END || records > 1;
	}
	json_split_free(t);
	return parts;
}

/*
 * Read the parts of a refused text. If it is several records, an array, or a
 * crawl result, only the faulty part is lost.
 */
static void
take_apart(struct ingest *in, enum json_split_kind kind, const char *text,
    size_t n, const struct refusal *refusal)
{
	struct json_split *t;
	struct json_split_item item;
	struct refusal part;
	int fed = 0;

	if (kind != JSON_SPLIT_RECORD || !has_parts(in, text, n)) {
		refuse(in, refusal, kind);
		return;
	}
	t = json_split_new(in->options.max_record, 0);
	while ((kind = next_of_memory(t, &item, text, n, &fed)) !=
	       JSON_SPLIT_END) {
		part = (struct refusal){item.code, item.why, -1};
		if (kind == JSON_SPLIT_ARRAY_END)
			source_close(in->source);
		else if (kind == JSON_SPLIT_BAD ||
			 take_item(in, kind, &item, &part) == -1)
			refuse(in, &part, kind);
	}
	json_split_free(t);
}

static void
read_failed(struct ingest *in)
{
	ingest_report_refusal(in, "read_failed", -1, 0,
	    "reading: %s; the rest is left out", strerror(errno));
}

static void
read_lines(struct ingest *in, int fd, const struct buf *data)
{
	struct record_in_options options = {
	    .max_record = in->options.max_record,
	    .reject_invalid = in->options.reject_invalid,
	    .idle = ingest_report_idle,
	    .idle_argument = in};
	struct record_in *lines = record_in_open(fd, &options);
	struct refusal refusal;
	struct record r;
	enum record_status status;

	record_in_unread(lines, data->data, data->len);
	while ((status = record_in_read(lines, &r)) != RECORD_EOF) {
		in->line = r.number;
		refusal = (struct refusal){
		    r.error.code, r.error.message, r.error.offset};
		if (status == RECORD_FAILED) {
			read_failed(in);
			break;
		}
		if (status == RECORD_OK)
			take_record(in, r.root, r.line, r.len, r.repaired,
			    r.repaired_at);
		else if (r.len > 0)
			take_apart(
			    in, JSON_SPLIT_RECORD, r.line, r.len, &refusal);
		else
			refuse(in, &refusal, JSON_SPLIT_RECORD);
	}
	record_in_close(lines);
}

/* Handle one item of input in any layout. */
static void
take_step(struct ingest *in, enum json_split_kind kind,
    const struct json_split_item *item)
{
	struct refusal refusal = {item->code, item->why, -1};

	in->line = item->line;
	in->values += kind == JSON_SPLIT_ARRAY_END;
	if (kind == JSON_SPLIT_ARRAY_END)
		source_close(in->source);
	else if (kind == JSON_SPLIT_BAD)
		refuse(in, &refusal, kind);
	else if (take_item(in, kind, item, &refusal) == -1)
		take_apart(in, kind, item->text, item->n, &refusal);
}

static void
read_any_layout(struct ingest *in, int fd, struct buf *data, int eof)
{
	struct json_split *t = json_split_new(in->options.max_record, WHOLE);
	struct json_split_item item;
	enum json_split_kind kind;

	while ((kind = json_split_next(t, &item)) != JSON_SPLIT_END) {
		if (kind != JSON_SPLIT_MORE) {
			take_step(in, kind, &item);
			continue;
		}
		if (data->len == 0 && !eof) {
			ssize_t n = ingest_input_fill(in, fd, data);

			if (n == -1)
				read_failed(in);
			eof = n <= 0;
		}
		if (data->len > 0)
			json_split_feed(t, data->data, data->len);
		else
			json_split_finish(t);
		buf_reset(data, KEEP);
	}
	json_split_free(t);
}

void
ingest_json_read_text(struct ingest *in, const char *text, size_t n)
{
	struct json_split *t = json_split_new(in->options.max_record, WHOLE);
	struct json_split_item item;
	enum json_split_kind kind;
	int fed = 0;

	while (
	    (kind = next_of_memory(t, &item, text, n, &fed)) != JSON_SPLIT_END)
		take_step(in, kind, &item);
	json_split_free(t);
	in->line = 0;
	source_close(in->source);
}

/* Whether c is one of the characters of set. */
static int
is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/*
 * The first line of data that is not blank: *n bytes, *rest points behind it.
 * NULL while its end was not read yet.
 */
static const char *
first_line(const struct buf *data, int eof, size_t *n, const char **rest)
{
	const char *p = data->data, *end = p + data->len, *line_end;

	if (data->len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
		p += 3;
	while (p < end && is_in(*p, " \t\r\n"))
		p++;
	line_end = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
	if (line_end == NULL && !eof)
		return NULL;
	if (line_end == NULL)
		line_end = end;
	*n = (size_t)(line_end - p);
	*rest = line_end;
	return p;
}

/* Whether a line is the start of a longer JSON text. */
static int
is_unfinished(const char *line, size_t n)
{
	struct json_split *t = json_split_new(n, n);
	struct json_split_item item;
	int fed = 0;
	enum json_split_kind kind = next_of_memory(t, &item, line, n, &fed);

	json_split_free(t);
	return kind == JSON_SPLIT_BAD && strcmp(item.code, "cut_short") == 0;
}

enum layout { LAYOUT_UNKNOWN, LAYOUT_LINES, LAYOUT_ANY };

/*
 * The layout is lines if the first line is a whole object, or cannot be the
 * start of a longer one. Then a fault in a line costs that line only.
 */
static enum layout
layout_of(const struct buf *data, int eof)
{
	size_t n;
	const char *rest, *line, *end = data->data + data->len;

	if (data->len == 0)
		return eof ? LAYOUT_LINES : LAYOUT_UNKNOWN;
	line = first_line(data, eof, &n, &rest);
	if (line == NULL)
		return data->len < PEEK ? LAYOUT_UNKNOWN : LAYOUT_ANY;
	if (n == 0)
		return LAYOUT_LINES;
	if (*line == '[' || *line == '\x1E')
		return LAYOUT_ANY;
	if (!is_unfinished(line, n))
		return LAYOUT_LINES;
	/* A value goes on behind a bracket or colon: the line was not cut. */
	while (n > 1 && is_in(line[n - 1], " \t\r"))
		n--;
	if (is_in(line[n - 1], "[{:"))
		return LAYOUT_ANY;
	while (rest < end && is_in(*rest, "\r\n"))
		rest++;
	if (rest == end)
		return eof ? LAYOUT_LINES : LAYOUT_UNKNOWN;
	return *rest == '{' ? LAYOUT_LINES : LAYOUT_ANY;
}

void
ingest_json_read(struct ingest *in, int fd, struct buf *data, int eof)
{
	enum layout layout;
	uint64_t before = in->values;

	while ((layout = layout_of(data, eof)) == LAYOUT_UNKNOWN) {
		ssize_t n = ingest_input_fill(in, fd, data);

		if (n == -1) {
			read_failed(in);
			return;
		}
		eof = n == 0;
	}
	if (layout == LAYOUT_LINES)
		read_lines(in, fd, data);
	else
		read_any_layout(in, fd, data, eof);
	source_close(in->source);
	/* Whoever was to write the input has most likely failed. */
	if (in->values == before)
		ingest_listing_lacks(in);
}
