#include "net/db_copy.h"

#include "base/buf.h"
#include "net/db_private.h"

static int
copy_bytes(struct db *d, const char *p, size_t n)
{
	enum { PIECE = 1 << 20 };

	for (size_t at = 0; at < n; at += PIECE) {
		size_t piece = n - at < PIECE ? n - at : PIECE;

		db_wait_begin(d, d->limits.statement);
		if (PQputCopyData(d->conn, p + at, (int)piece) != 1) {
			db_set_lost(d);
			return -1;
		}
		/* Send it now, or all of it would be in memory twice. */
		if (db_wait_sent(d) == -1)
			return -1;
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

	if (copy_bytes(d, trailer, sizeof(trailer)) == -1)
		return -1;
	db_wait_begin(d, d->limits.statement);
	r = db_wait_answer(d, PQputCopyEnd(d->conn, NULL) == 1);
	PQclear(r);
	return r == NULL ? -1 : 0;
}
