#include "store/due.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_due.h"

enum { TASKS = 1000, DOCUMENTS = 1000 };

int
due_look(
    struct db *db, const char *const *queues, size_t n_queues, struct due *due)
{
	struct db_args a = {0};
	struct db_result *r;

	*due = (struct due){0};
	db_arg_texts(&a, queues, n_queues);
	db_arg_int(&a, TASKS);
	r = db_run_binary(db, sql_look, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	due->tasks = x_calloc((size_t)db_rows(r) + 1, DIGEST_UUID);
	for (int i = 0; i < db_rows(r); i++) {
		if (strcmp(db_text(r, i, 0), "deletion") == 0)
			due->deletions = 1;
		else if (strcmp(db_text(r, i, 0), "notification") == 0)
			due->notifications = 1;
		else
			memcpy(due->tasks + DIGEST_UUID * due->n++,
			    db_text(r, i, 1), DIGEST_UUID);
	}
	db_result_free(r);
	return 0;
}

int
due_delete(struct db *db)
{
	struct db_args a = {0};
	int n;

	db_arg_int(&a, DOCUMENTS);
	n = db_count(db, sql_delete, &a);
	db_args_free(&a);
	return n;
}
