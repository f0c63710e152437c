/*
 * db_values - values for Postgres: arguments of a statement, rows of COPY
 *
 * Pure: values are built in memory, in Postgres' binary form. Every value is
 * copied.
 */
#ifndef DB_VALUES_H
#define DB_VALUES_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Arguments $1, $2 ... of a statement. A struct of zeros is an empty list;
 * db_args_reset empties a list for the next statement.
 */
enum { DB_ARGS_MAX = 24 };
struct db_args {
	int n;
	struct {
		unsigned type; /* OID; 0 lets the server decide */
		int format;    /* 0 text, 1 binary */
		int length;
		size_t offset; /* in data; SIZE_MAX is NULL */
	} arg[DB_ARGS_MAX];
	struct buf *data; /* owned */
};
void db_args_reset(struct db_args *a);
void db_args_free(struct db_args *a);
/* text; a NULL string is SQL NULL. */
void db_arg_text(struct db_args *a, const char *s);
/* bigint, boolean. */
void db_arg_int(struct db_args *a, int64_t v);
void db_arg_bool(struct db_args *a, int v);
/* uuid of 16 bytes (NULL is SQL NULL); uuid[] of n * 16 bytes. */
void db_arg_uuid(struct db_args *a, const uint8_t *id);
void db_arg_uuids(struct db_args *a, const uint8_t *ids, size_t n);
/* text[] (a NULL element is SQL NULL), integer[]. */
void db_arg_texts(struct db_args *a, const char *const *s, size_t n);
void db_arg_ints(struct db_args *a, const int32_t *v, size_t n);
/* bytea[]. */
void db_arg_bytes(
    struct db_args *a, const void *const *p, const size_t *len, size_t n);
/* Any type in binary form, for example a pgvector with type 0. */
void db_arg_binary(struct db_args *a, unsigned type, const void *p, size_t n);

/* Append to b a row of n fields: db_row, then exactly n fields. */
void db_row(struct buf *b, int n);
void db_row_null(struct buf *b);
void db_row_text(struct buf *b, const char *s, size_t n);
void db_row_uuid(struct buf *b, const uint8_t *id);
void db_row_int4(struct buf *b, int32_t v);
void db_row_jsonb(struct buf *b, const char *json, size_t n);
/* text[] of n elements with lengths. */
void db_row_texts(
    struct buf *b, const char *const *s, const size_t *len, size_t n);

#endif
