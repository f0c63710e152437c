#include "store/chunk_metadata.h"

#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "sql_chunk_metadata.h"

static int
follow_in(struct db *d, const char *table)
{
	struct buf sql = {0};

	buf_printf(&sql, sql_follow, table, table);
	return db_do_made(d, &sql) == -1 ? -1 : 0;
}

int
chunk_metadata_follow(struct db *d)
{
	int changed = db_count(d, sql_count_changed, NULL), status = 0;
	struct db_result *tables;

	if (changed <= 0)
		return changed;
	tables = db_run(d, sql_tables, NULL);
	if (tables == NULL)
		return -1;
	for (int i = 0; status == 0 && i < db_rows(tables); i++)
		status = follow_in(d, db_text(tables, i, 0));
	db_result_free(tables);
	return status;
}
