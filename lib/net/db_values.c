#include "net/db_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

/* OIDs of pg_type.dat; they are the same in every database. */
enum {
	OID_BOOL = 16,
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_INT4 = 23,
	OID_TEXT = 25,
	OID_BYTEA_ARRAY = 1001,
	OID_INT4_ARRAY = 1007,
	OID_TEXT_ARRAY = 1009,
	OID_UUID = 2950,
	OID_UUID_ARRAY = 2951
};

void
db_args_reset(struct db_args *a)
{
	a->n = 0;
	if (a->data != NULL)
		buf_reset(a->data, 1 << 20);
}

void
db_args_free(struct db_args *a)
{
	if (a->data != NULL)
		buf_free(a->data);
	free(a->data);
	*a = (struct db_args){0};
}

/* Begin an argument; the caller appends its bytes to the buffer returned. */
static struct buf *
add_arg(struct db_args *a, unsigned type, int format)
{
	if (a->n == DB_ARGS_MAX)
		abort();
	if (a->data == NULL)
		a->data = x_calloc(1, sizeof(*a->data));
	a->arg[a->n].type = type;
	a->arg[a->n].format = format;
	a->arg[a->n].offset = a->data->len;
	return a->data;
}

static void
end_arg(struct db_args *a)
{
	size_t from = a->arg[a->n].offset;

	a->arg[a->n].length = (int)(a->data->len - from);
	/* libpq reads a text argument up to its NUL. */
	buf_putc(a->data, '\0');
	a->n++;
}

static void
add_null(struct db_args *a, unsigned type)
{
	add_arg(a, type, 0);
	a->arg[a->n].length = 0;
	a->arg[a->n++].offset = SIZE_MAX;
}

void
db_arg_binary(struct db_args *a, unsigned type, const void *p, size_t n)
{
	buf_add(add_arg(a, type, 1), p, n);
	end_arg(a);
}

void
db_arg_text(struct db_args *a, const char *s)
{
	if (s == NULL)
		add_null(a, OID_TEXT);
	else
		db_arg_binary(a, OID_TEXT, s, strlen(s));
}

void
db_arg_int(struct db_args *a, int64_t v)
{
	buf_be64(add_arg(a, OID_INT8, 1), (uint64_t)v);
	end_arg(a);
}

void
db_arg_bool(struct db_args *a, int v)
{
	buf_putc(add_arg(a, OID_BOOL, 1), v != 0);
	end_arg(a);
}

void
db_arg_uuid(struct db_args *a, const uint8_t *id)
{
	if (id == NULL)
		add_null(a, OID_UUID);
	else
		db_arg_binary(a, OID_UUID, id, 16);
}

/* Write the head of a one-dimensional array, in the form of array_recv. */
static void
array_head(struct buf *b, size_t n, int has_null, unsigned element)
{
	buf_be32(b, n > 0);
	buf_be32(b, (uint32_t)has_null);
	buf_be32(b, element);
	if (n > 0) {
		buf_be32(b, (uint32_t)n);
		buf_be32(b, 1);
	}
}

void
db_arg_uuids(struct db_args *a, const uint8_t *ids, size_t n)
{
	struct buf *b = add_arg(a, OID_UUID_ARRAY, 1);

	array_head(b, n, 0, OID_UUID);
	for (size_t i = 0; i < n; i++)
		db_row_uuid(b, ids + 16 * i);
	end_arg(a);
}

void
db_arg_texts(struct db_args *a, const char *const *s, size_t n)
{
	struct buf *b = add_arg(a, OID_TEXT_ARRAY, 1);

	array_head(b, n, 1, OID_TEXT);
	for (size_t i = 0; i < n; i++)
		if (s[i] == NULL)
			db_row_null(b);
		else
			db_row_text(b, s[i], strlen(s[i]));
	end_arg(a);
}

void
db_arg_ints(struct db_args *a, const int32_t *v, size_t n)
{
	struct buf *b = add_arg(a, OID_INT4_ARRAY, 1);

	array_head(b, n, 0, OID_INT4);
	for (size_t i = 0; i < n; i++)
		db_row_int4(b, v[i]);
	end_arg(a);
}

void
db_arg_bytes(
    struct db_args *a, const void *const *p, const size_t *len, size_t n)
{
	struct buf *b = add_arg(a, OID_BYTEA_ARRAY, 1);

	array_head(b, n, 0, OID_BYTEA);
	for (size_t i = 0; i < n; i++)
		db_row_text(b, p[i], len[i]);
	end_arg(a);
}

/* Rows of COPY. */

void
db_row(struct buf *b, int n)
{
	buf_be16(b, (uint16_t)n);
}

void
db_row_null(struct buf *b)
{
	buf_be32(b, UINT32_MAX);
}

static void
row_bytes(struct buf *b, const void *p, size_t n)
{
	buf_be32(b, (uint32_t)n);
	buf_add(b, p, n);
}

void
db_row_text(struct buf *b, const char *s, size_t n)
{
	if (s == NULL)
		db_row_null(b);
	else
		row_bytes(b, s, n);
}

void
db_row_uuid(struct buf *b, const uint8_t *id)
{
	if (id == NULL)
		db_row_null(b);
	else
		row_bytes(b, id, 16);
}

void
db_row_int4(struct buf *b, int32_t v)
{
	buf_be32(b, 4);
	buf_be32(b, (uint32_t)v);
}

void
db_row_jsonb(struct buf *b, const char *json, size_t n)
{
	buf_be32(b, (uint32_t)n + 1);
	buf_putc(b, 1);
	buf_add(b, json, n);
}

void
db_row_texts(struct buf *b, const char *const *s, const size_t *len, size_t n)
{
	size_t at = b->len;
	uint32_t total;

	buf_be32(b, 0);
	array_head(b, n, 0, OID_TEXT);
	for (size_t i = 0; i < n; i++)
		db_row_text(b, s[i], len[i]);
	total = (uint32_t)(b->len - at - 4);
	for (int i = 0; i < 4; i++)
		b->data[at + (size_t)i] = (char)(total >> 8 * (3 - i));
}
