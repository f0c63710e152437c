#include "store/job_tasks.h"

#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_job_tasks.h"
#include "store/job_change.h"

int
job_pending_tasks(struct db *d, const uint8_t id[static DIGEST_UUID],
    uint8_t **tasks, size_t *n)
{
	struct db_args a = {0};

	db_arg_uuid(&a, id);
	*tasks = db_ids(d, sql_pending, &a, n);
	db_args_free(&a);
	return *tasks == NULL ? -1 : 0;
}

struct db_result *
job_canceled_tasks(struct db *d, const uint8_t id[static DIGEST_UUID])
{
	return job_change_ask(d, id, sql_canceled);
}
