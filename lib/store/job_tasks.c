#include "store/job_tasks.h"

#include <string.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_values.h"
#include "store/job_change.h"

int
job_pending_tasks(struct db *d, const uint8_t id[static DIGEST_UUID],
    uint8_t **tasks, size_t *n)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, id);
	r = db_run_binary(d,
	    "select id from pl.tasks where job_id = $1 and status = 'pending'"
	    " order by id",
	    &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	*n = (size_t)db_rows(r);
	*tasks = x_calloc(*n + 1, DIGEST_UUID);
	for (size_t i = 0; i < *n; i++)
		memcpy(*tasks + i * DIGEST_UUID, db_text(r, (int)i, 0),
		    DIGEST_UUID);
	db_result_free(r);
	return 0;
}

struct db_result *
job_canceled_tasks(struct db *d, const uint8_t id[static DIGEST_UUID])
{
	return job_change_ask(d, id,
	    "select id from pl.tasks where job_id = $1"
	    " and status = 'canceled' order by id");
}
