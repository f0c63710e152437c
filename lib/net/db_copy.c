#include "net/db_copy.h"

#include "base/buf.h"
#include "net/db_private.h"

static int
copy_bytes(struct db *d, const char *p, size_t n)
{
	enum { PIECE = 1 << 20 };

	for (size_t at = 0; at < n; at += PIECE) {
		size_t piece = n - at < PIECE ? n - at : PIECE;

		if (PQputCopyData(d->conn, p + at, (int)piece) != 1) {
			db_set_lost(d);
			return -1;
		}
	}
	return 0;
}

int
db_copy_begin(struct db *d, const char *sql)
{
	/* Signature, flags, length of the header extension. */
	static const char head[19] = "PGCOPY\n\377\r\n";

	if (db_do(d, sql, NULL) == -1)
		return -1;
	return copy_bytes(d, head, sizeof(head));
}

int
db_copy_write(struct db *d, const struct buf *rows)
{
	return copy_bytes(d, rows->data, rows->len);
}

int
db_copy_end(struct db *d)
{
	static const char trailer[2] = "\xFF\xFF";
	PGresult *r;
	int status = -1;

	if (copy_bytes(d, trailer, sizeof(trailer)) == -1)
		return -1;
	if (PQputCopyEnd(d->conn, NULL) != 1) {
		db_set_lost(d);
		return -1;
	}
	r = PQgetResult(d->conn);
	if (PQresultStatus(r) == PGRES_COMMAND_OK)
		status = 0;
	else
		db_set_error_from(d, r);
	PQclear(r);
	db_drain(d);
	return status;
}
