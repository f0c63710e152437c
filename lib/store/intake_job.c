#include "store/intake_job.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_intake_job.h"

void
intake_job_free(struct intake_job *j)
{
	free(j->queue);
	free(j->function);
	free(j->collection);
	*j = (struct intake_job){0};
}

int
intake_job_get(
    struct db *db, const uint8_t job[static DIGEST_UUID], struct intake_job *j)
{
	struct db_args a = {0};
	struct db_result *r;
	int found;

	*j = (struct intake_job){0};
	db_arg_uuid(&a, job);
	r = db_run(db, sql_get_job, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	found = db_rows(r) == 1;
	if (found) {
		j->queue = x_strdup(db_text(r, 0, 0));
		if (!db_is_null(r, 0, 1))
			j->function = x_strdup(db_text(r, 0, 1));
		j->timeout_seconds = db_int(r, 0, 2);
		j->is_open = db_bool(r, 0, 3);
		if (!db_is_null(r, 0, 4))
			j->collection = x_strdup(db_text(r, 0, 4));
	}
	db_result_free(r);
	return found;
}
