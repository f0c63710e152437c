#include "record/record_out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"

enum {
	WRITE_SIZE = 1 << 18,
	KEEP = 4 << 20,	 /* memory kept between two records */
	DIRECT = 1 << 16 /* bytes; a longer text is written without a copy */
};

struct record_out {
	int fd;
	int error; /* errno of the first failed write */
	struct buf data;
	yyjson_alc *memory;
};

struct record_out *
record_out_open(int fd)
{
	struct record_out *out = x_calloc(1, sizeof(*out));

	out->fd = fd;
	out->memory = yyjson_alc_dyn_new();
	return out;
}

int
record_out_close(struct record_out *out)
{
	int status;

	if (out == NULL)
		return 0;
	status = record_out_flush(out);
	yyjson_alc_dyn_free(out->memory);
	buf_free(&out->data);
	free(out);
	return status;
}

static void
write_all(struct record_out *out, const char *p, size_t left)
{
	while (out->error == 0 && left > 0) {
		ssize_t n = write(out->fd, p, left);

		if (n >= 0) {
			p += n;
			left -= (size_t)n;
		} else if (errno != EINTR) {
			out->error = errno;
		}
	}
}

int
record_out_flush(struct record_out *out)
{
	if (out->fd == -1)
		return 0;
	write_all(out, out->data.data, out->data.len);
	buf_reset(&out->data, KEEP);
	errno = out->error;
	return out->error ? -1 : 0;
}

/* Long bytes are not copied: they are written after the buffer. */
static void
put_bytes(struct record_out *out, const char *p, size_t n)
{
	if (out->fd == -1 || n < DIRECT) {
		buf_add(&out->data, p, n);
		return;
	}
	record_out_flush(out);
	write_all(out, p, n);
}

size_t
record_out_pending(const struct record_out *out)
{
	return out->data.len;
}

static int
flush_if_full(struct record_out *out)
{
	if (out->data.len >= WRITE_SIZE || out->error)
		return record_out_flush(out);
	return 0;
}

yyjson_mut_doc *
record_out_new(struct record_out *out, const char *type)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(out->memory);
	yyjson_mut_val *root = yyjson_mut_obj(doc);

	yyjson_mut_doc_set_root(doc, root);
	if (type != NULL)
		yyjson_mut_obj_add_str(doc, root, "type", type);
	return doc;
}

char *
record_out_json(
    const yyjson_mut_doc *doc, const yyjson_alc *memory, size_t *n, int *valid)
{
	char *text = yyjson_mut_write_opts(doc, 0, memory, n, NULL);

	*valid = text != NULL;
	if (text == NULL)
		text = yyjson_mut_write_opts(doc,
		    YYJSON_WRITE_ALLOW_INVALID_UNICODE |
			YYJSON_WRITE_ALLOW_INF_AND_NAN,
		    memory, n, NULL);
	if (text == NULL)
		abort();
	return text;
}

int
record_out_put(struct record_out *out, yyjson_mut_doc *doc)
{
	size_t n, first;
	int valid;
	char *text = record_out_json(doc, out->memory, &n, &valid);

	/* A server's message need not be UTF-8; the output must be. */
	if (valid)
		put_bytes(out, text, n);
	else
		utf8_repair(&out->data, text, n, &first);
	buf_putc(&out->data, '\n');
	out->memory->free(out->memory->ctx, text);
	yyjson_mut_doc_free(doc);
	return flush_if_full(out);
}

struct buf *
record_out_begin(struct record_out *out, const char *type)
{
	buf_puts(&out->data, "{\"type\":\"");
	buf_puts(&out->data, type);
	buf_putc(&out->data, '"');
	return &out->data;
}

int
record_out_end(struct record_out *out)
{
	buf_puts(&out->data, "}\n");
	return flush_if_full(out);
}

int
record_out_pass(struct record_out *out, const char *line, size_t n)
{
	put_bytes(out, line, n);
	buf_putc(&out->data, '\n');
	return flush_if_full(out);
}

int
record_out_move(struct record_out *out, struct record_out *from)
{
	struct buf empty = out->data;

	if (out->fd == -1 && empty.len == 0) {
		out->data = from->data;
		from->data = empty;
		return 0;
	}
	put_bytes(out, from->data.data, from->data.len);
	buf_reset(&from->data, KEEP);
	return flush_if_full(out);
}
