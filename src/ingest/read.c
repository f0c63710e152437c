#include "read.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "ingest.h"
#include "input.h"
#include "json.h"
#include "listing.h"
#include "map.h"
#include "record/record.h"
#include "remedy.h"
#include "report.h"
#include "source/source.h"
#include "source/text_file.h"

/* Read all bytes of the input. 0, or -1 after the input was refused. */
static int
read_all(struct ingest *in, int fd, struct buf *data)
{
	ssize_t n;

	do {
		n = ingest_input_fill(in, fd, data);
		if (data->len > in->options.max_record) {
			ingest_report_refusal(in, "too_long", -1, 1,
			    "longer than --max-record (%zu bytes): raise it, "
			    "or split the file",
			    in->options.max_record);
			return -1;
		}
	} while (n > 0);
	if (n == -1) {
		ingest_report_refusal(
		    in, "read_failed", -1, 1, "reading: %s", strerror(errno));
		ingest_listing_lacks(in);
	}
	return (int)n;
}

static void
read_text(struct ingest *in, int fd, const char *file, const char *type,
    time_t mtime, struct buf *data)
{
	struct buf clean = {0};
	struct document_text text;
	size_t repaired, first = 0;

	if (read_all(in, fd, data) == -1)
		return;
	text = (struct document_text){data->data ? data->data : "", data->len};
	if (text.n >= 3 && memcmp(text.s, "\xEF\xBB\xBF", 3) == 0) {
		text.s += 3;
		text.n -= 3;
	}
	if (utf8_valid(text.s, text.n) < text.n ||
	    memchr(text.s, '\0', text.n) != NULL) {
		repaired = utf8_repair(&clean, text.s, text.n, &first);
		first += (size_t)(text.s - data->data);
		if (in->options.reject_invalid) {
			ingest_report_refusal(in, "invalid_text",
			    (int64_t)first, 1,
			    "NUL or invalid UTF-8: --invalid replace takes "
			    "it, iconv converts it");
			buf_free(&clean);
			return;
		}
		ingest_report_repaired(in, repaired, first);
		text = (struct document_text){clean.data, clean.len};
	}
	text_file_read(in->source, file, mtime, type, text);
	buf_free(&clean);
}

/* Whether c is one of the characters of set. */
static int
is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static int
starts_like_html(const struct buf *data)
{
	static const char *const starts[] = {"<!doctype html", "<html", NULL};
	const char *p = data->data, *end = p + data->len;

	while (p < end && is_in(*p, " \t\r\n\xEF\xBB\xBF"))
		p++;
	for (const char *const *s = starts; *s != NULL; s++) {
		size_t n = strlen(*s), i = 0;

		while (
		    i < n && p + i < end && (p[i] | 0x20) == ((*s)[i] | 0x20))
			i++;
		if (i == n)
			return 1;
	}
	return 0;
}

/* Recognise the content type by the first bytes. */
static const char *
sniff(const struct buf *data)
{
	if (data->len > 0 && text_file_looks_like_json(data->data, data->len))
		return "application/json";
	if (data->len > 0 && starts_like_html(data))
		return "text/html";
	return "text/plain";
}

/*
 * Refuse an input that starts like an unreadable format. 0, or -1 if refused.
 */
static int
check_start(struct ingest *in, const struct buf *data, const char *type)
{
	int json = strcmp(type, "application/json") == 0;
	struct buf remedy = {0};
	const char *code, *why;

	if (data->len == 0)
		return 0;
	code = text_file_refuses(data->data, data->len, &why);
	if (code != NULL) {
		ingest_remedy(in, why, &remedy);
		ingest_report_refusal(in, code, -1, 1, "%s", remedy.data);
		buf_free(&remedy);
		return -1;
	}
	if (json && starts_like_html(data)) {
		ingest_report_refusal(in, "html_not_json", -1, 0,
		    "a web page where JSON is expected: an error page of a "
		    "proxy? (--format html takes it as a document)");
		return -1;
	}
	if (text_file_is_binary(data->data, data->len)) {
		ingest_report_refusal(in, "binary", -1, 1,
		    "not text, or not in UTF-8: leave it out with --exclude, "
		    "or convert it");
		return -1;
	}
	return 0;
}

/* Read what the map makes of an input. */
static void
read_mapped(struct ingest *in, int fd)
{
	struct buf data = {0};
	int out = ingest_map_run(in, fd);

	in->line = 0;
	if (out == -1)
		return;
	source_open(in->source, in->origin.data);
	ingest_json_read(in, out, &data, 0);
	in->line = 0;
	close(out);
	buf_free(&data);
}

static void
read_plain(
    struct ingest *in, int fd, const char *file, const char *type, time_t mtime)
{
	struct buf data = {0};
	/* Of a folder, what is no text and no JSON by its name never was. */
	int is_text = type != NULL ? strcmp(type, "application/json") != 0
				   : in->in_folder;
	ssize_t n = ingest_input_fill(in, fd, &data);

	in->line = 0;
	in->listing.pages = 0;
	if (n == -1) {
		ingest_report_refusal(
		    in, "read_failed", -1, 1, "reading: %s", strerror(errno));
		ingest_listing_lacks(in);
		buf_free(&data);
		return;
	}
	if (type == NULL)
		type = sniff(&data);
	source_open(in->source, in->origin.data);
	if (check_start(in, &data, type) == 0) {
		if (strcmp(type, "application/json") == 0)
			ingest_json_read(in, fd, &data, n == 0);
		else
			read_text(in, fd, file, type, mtime, &data);
	} else if (!is_text) {
		/* It may have held many documents, and not one by its name. */
		ingest_listing_lacks(in);
	}
	in->line = 0;
	buf_free(&data);
}

void
ingest_read(
    struct ingest *in, int fd, const char *file, const char *type, time_t mtime)
{
	if (in->options.program != NULL)
		read_mapped(in, fd);
	else
		read_plain(in, fd, file, type, mtime);
}
