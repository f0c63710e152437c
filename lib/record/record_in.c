#include "record/record_in.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"

enum { READ_SIZE = 1 << 18, KEEP = 4 << 20 /* memory kept between records */ };

struct record_in {
	int fd;
	int eof;
	struct record_in_options options;
	struct buf data; /* bytes from start on are not yet consumed */
	size_t start;
	/* data[start .. scanned) has no newline; data[scanned] may be one. */
	size_t scanned;
	uint64_t number;
	size_t skipped; /* bytes of an over-long line dropped so far */
	yyjson_alc *memory;
	size_t used; /* bytes of the longest record in memory */
	yyjson_doc *doc;
	char why[160]; /* why a line was refused */
};

struct record_in *
record_in_open(int fd, const struct record_in_options *options)
{
	struct record_in *in = x_calloc(1, sizeof(*in));

	in->fd = fd;
	if (options != NULL)
		in->options = *options;
	if (in->options.max_record == 0)
		in->options.max_record = RECORD_IN_MAX;
	in->memory = yyjson_alc_dyn_new();
	return in;
}

void
record_in_close(struct record_in *in)
{
	if (in == NULL)
		return;
	yyjson_doc_free(in->doc);
	yyjson_alc_dyn_free(in->memory);
	buf_free(&in->data);
	free(in);
}

void
record_in_unread(struct record_in *in, const void *p, size_t n)
{
	buf_add(&in->data, p, n);
}

/* Make room at the end of the buffer, then read once. As read(2). */
static ssize_t
fill(struct record_in *in)
{
	ssize_t n;

	if (in->start > 0 && in->start * 2 >= in->data.len) {
		buf_drop(&in->data, in->start);
		in->scanned -= in->start;
		in->start = 0;
	}
	if (in->data.len == 0)
		buf_reset(&in->data, KEEP);
	buf_reserve(&in->data, READ_SIZE);
	n = read(in->fd, in->data.data + in->data.len, READ_SIZE);
	if (n > 0)
		in->data.len += (size_t)n;
	if (n == 0)
		in->eof = 1;
	return n;
}

/*
 * Find the line's end in the new bytes, or NULL. The bytes of an over-long line
 * are dropped at once, so that the line costs no memory.
 */
static char *
find_end(struct record_in *in)
{
	char *end = NULL;
	size_t have;

	if (in->data.len > in->scanned)
		end = memchr(in->data.data + in->scanned, '\n',
		    in->data.len - in->scanned);
	in->scanned =
	    end != NULL ? (size_t)(end - in->data.data) : in->data.len;
	have = in->scanned - in->start;
	if (in->skipped > 0 || have > in->options.max_record) {
		in->skipped += have;
		in->start = in->scanned;
	}
	return end;
}

/*
 * 1 with a line (without its end) in *line and *len, 0 when more bytes are
 * needed. An over-long line has *len 0 and in->skipped set.
 */
static int
take_line(struct record_in *in, const char **line, size_t *len)
{
	char *begin, *end = find_end(in);
	size_t have = in->scanned - in->start;

	if (end == NULL && !(in->eof && (have > 0 || in->skipped > 0)))
		return 0;
	begin = in->data.data + in->start;
	in->start = in->scanned + (end != NULL);
	in->scanned = in->start;
	*line = begin;
	*len = have > 0 && begin[have - 1] == '\r' ? have - 1 : have;
	return 1;
}

int
record_in_wait(struct record_in *in, int timeout)
{
	double until = time_now() + timeout / 1000.0, left = timeout;

	for (;;) {
		struct pollfd p = {.fd = in->fd, .events = POLLIN};
		int n;

		if (in->eof || find_end(in) != NULL)
			return 1;
		/*
		 * Read at least once, but end on time: the line may have no
		 * end.
		 */
		if (timeout >= 0 && left < 0)
			return 0;
		n = poll(&p, 1, (int)left);
		if (n <= 0)
			return n;
		if (fill(in) == -1)
			return -1;
		if (timeout >= 0)
			left = (until - time_now()) * 1000;
	}
}

/* Call the idle function before a read that would block. */
static void
idle_if_blocking(struct record_in *in)
{
	struct pollfd p = {.fd = in->fd, .events = POLLIN};

	if (in->options.idle != NULL && poll(&p, 1, 0) == 0)
		in->options.idle(in->options.idle_argument);
}

static enum record_status
refuse(struct record *r, const char *code, const char *message)
{
	r->error = (struct error_record)ERROR_RECORD_INIT;
	r->error.class = ERROR_INPUT;
	r->error.code = code;
	r->error.message = message;
	r->error.line = r->number;
	return RECORD_REFUSED;
}

/*
 * Replace the allocator at times, so that the memory of one huge record is
 * freed.
 */
static void
recycle(struct record_in *in, size_t len)
{
	yyjson_doc_free(in->doc);
	in->doc = NULL;
	if (in->used > KEEP / 4) {
		yyjson_alc_dyn_free(in->memory);
		in->memory = yyjson_alc_dyn_new();
		in->used = 0;
	}
	if (len > in->used)
		in->used = len;
}

static int
is_blank(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != ' ' && s[i] != '\t' && s[i] != '\r')
			return 0;
	return 1;
}

enum record_status
record_in_parse(struct record_in *in, struct record *r)
{
	const char *why;
	size_t at;
	enum record_status status;

	recycle(in, r->len);
	in->doc = record_parse_with(in->memory, r->line, r->len, &r->repaired,
	    &r->repaired_at, &why, &at);
	if (in->doc == NULL) {
		snprintf(in->why, sizeof(in->why), "not valid JSON: %s", why);
		status = refuse(r, "bad_json", in->why);
		r->error.offset = (int64_t)at;
		return status;
	}
	r->root = yyjson_doc_get_root(in->doc);
	if (!yyjson_is_obj(r->root))
		return refuse(r, "not_an_object",
		    yyjson_is_arr(r->root)
			? "a JSON array where a record is expected: "
			  "jq -c '.[]' makes one record a line"
			: "not a JSON object");
	if (r->repaired > 0 && in->options.reject_invalid) {
		status = refuse(r, "invalid_text",
		    "NUL, a lone surrogate or invalid UTF-8: "
		    "--invalid replace takes it");
		r->error.offset = (int64_t)r->repaired_at;
		return status;
	}
	r->type = record_type_of(r->root);
	return RECORD_OK;
}

enum record_status
record_in_line(struct record_in *in, struct record *r)
{
	*r = (struct record){.number = in->number};
	for (;;) {
		if (take_line(in, &r->line, &r->len)) {
			r->number = ++in->number;
			if (in->skipped > 0) {
				in->skipped = 0;
				return refuse(r, "too_long",
				    "the line is longer than --max-record");
			}
			if (in->number == 1 && r->len >= 3 &&
			    memcmp(r->line, "\xEF\xBB\xBF", 3) == 0) {
				r->line += 3;
				r->len -= 3;
			}
			if (is_blank(r->line, r->len))
				continue;
			return RECORD_OK;
		}
		if (in->eof)
			return RECORD_EOF;
		idle_if_blocking(in);
		if (fill(in) == -1)
			return RECORD_FAILED;
	}
}

enum record_status
record_in_read(struct record_in *in, struct record *r)
{
	enum record_status status;

	/* Free the record before the next line is read: both may be large. */
	recycle(in, 0);
	status = record_in_line(in, r);
	return status == RECORD_OK ? record_in_parse(in, r) : status;
}
