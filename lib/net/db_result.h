/* db_result - the result of a statement */
#ifndef DB_RESULT_H
#define DB_RESULT_H

#include <stddef.h>
#include <stdint.h>

struct db;
struct db_args;
struct db_result;

void db_result_free(struct db_result *r);
int db_rows(const struct db_result *r);
/* A value, borrowed from the result; "" if it is NULL. */
const char *db_text(const struct db_result *r, int row, int column);
size_t db_length(const struct db_result *r, int row, int column);
int db_is_null(const struct db_result *r, int row, int column);
/* A number in text form; 0 when it is NULL. */
int64_t db_int(const struct db_result *r, int row, int column);
double db_double(const struct db_result *r, int row, int column);
/* A boolean in text form. */
int db_bool(const struct db_result *r, int row, int column);

/* A number in binary form (int4, int8) that is not NULL. */
int32_t db_binary_int4(const struct db_result *r, int row, int column);
int64_t db_binary_int8(const struct db_result *r, int row, int column);

/* Run a statement whose result is one number; returns the number, or -1. */
int db_count(struct db *d, const char *sql, const struct db_args *a);
/*
 * Run a statement whose result is a column of uuids: *n ids of 16 bytes, which
 * the caller frees. NULL on failure.
 */
uint8_t *db_ids(
    struct db *d, const char *sql, const struct db_args *a, size_t *n);

#endif
