#include "net/db_result.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "net/db_private.h"

void
db_result_free(struct db_result *r)
{
	if (r == NULL)
		return;
	PQclear(r->pg);
	free(r);
}

int
db_rows(const struct db_result *r)
{
	return PQntuples(r->pg);
}

const char *
db_text(const struct db_result *r, int row, int column)
{
	return PQgetvalue(r->pg, row, column);
}

size_t
db_length(const struct db_result *r, int row, int column)
{
	return (size_t)PQgetlength(r->pg, row, column);
}

int
db_is_null(const struct db_result *r, int row, int column)
{
	return PQgetisnull(r->pg, row, column);
}

int64_t
db_int(const struct db_result *r, int row, int column)
{
	int64_t v = 0;

	num_int(db_text(r, row, column), INT64_MIN, INT64_MAX, &v);
	return v;
}

double
db_double(const struct db_result *r, int row, int column)
{
	return strtod(db_text(r, row, column), NULL);
}

int
db_bool(const struct db_result *r, int row, int column)
{
	return *db_text(r, row, column) == 't';
}

static uint32_t
be32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 |
	       (uint32_t)u[2] << 8 | u[3];
}

int32_t
db_binary_int4(const struct db_result *r, int row, int column)
{
	return (int32_t)be32(db_text(r, row, column));
}

int64_t
db_binary_int8(const struct db_result *r, int row, int column)
{
	const char *p = db_text(r, row, column);

	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

int
db_count(struct db *d, const char *sql, const struct db_args *a)
{
	struct db_result *r = db_run(d, sql, a);
	int n;

	if (r == NULL)
		return -1;
	n = (int)db_int(r, 0, 0);
	db_result_free(r);
	return n;
}

uint8_t *
db_ids(struct db *d, const char *sql, const struct db_args *a, size_t *n)
{
	enum { SIZE = 16 };
	struct db_result *r = db_run_binary(d, sql, a);
	uint8_t *ids;

	if (r == NULL)
		return NULL;
	*n = (size_t)db_rows(r);
	ids = x_calloc(*n + 1, SIZE);
	for (size_t i = 0; i < *n; i++)
		memcpy(ids + i * SIZE, db_text(r, (int)i, 0), SIZE);
	db_result_free(r);
	return ids;
}
