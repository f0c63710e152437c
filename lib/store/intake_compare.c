#include "store/intake_compare.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_intake_compare.h"

int
intake_compare_batch(struct db *db, struct intake_compared *c)
{
	struct db_args a = {0};
	struct db_result *r;

	/* Copies tell nothing once a document of the run was there before. */
	db_arg_bool(&a, c->changed == 0 && c->again == 0);
	r = db_run(db, sql_batch, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	c->added += (uint64_t)db_int(r, 0, 0);
	c->changed += (uint64_t)db_int(r, 0, 1);
	c->again += (uint64_t)db_int(r, 0, 2);
	c->copies += (uint64_t)db_int(r, 0, 3);
	db_result_free(r);
	return 0;
}

int
intake_compare_copies(
    struct db *db, const char *job, int64_t documents, struct intake_copies *c)
{
	struct db_args a = {0};
	struct db_result *r;

	*c = (struct intake_copies){0};
	db_arg_text(&a, job);
	db_arg_int(&a, documents);
	r = db_run(db, sql_copies, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	c->n = db_int(r, 0, 0);
	if (c->n > 0) {
		c->url = x_strdup(db_text(r, 0, 1));
		c->other = x_strdup(db_text(r, 0, 2));
	}
	db_result_free(r);
	return 0;
}

void
intake_copies_free(struct intake_copies *c)
{
	free(c->url);
	free(c->other);
	*c = (struct intake_copies){0};
}
