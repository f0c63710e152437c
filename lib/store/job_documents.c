#include "store/job_documents.h"

#include <string.h>

#include "net/db.h"
#include "net/db_values.h"
#include "sql_job_documents.h"
#include "store/job_choice.h"

int
job_documents(struct db *d, const uint8_t *id, const struct job_choice *choice,
    int with_content, int (*row)(void *argument, const struct db_result *r),
    void *argument)
{
	const char *sql = sql_failed;
	struct db_args a = {0};
	int status;

	db_arg_uuid(&a, id);
	job_choice_args(&a, choice);
	db_arg_bool(&a, with_content);
	if (id != NULL)
		sql = sql_of_job;
	else if (choice->n == 1 && strcmp(*choice->statuses, "incomplete") == 0)
		sql = sql_incomplete;
	status = db_stream(d, sql, &a, row, argument);
	db_args_free(&a);
	return status;
}

int64_t
job_drop_documents(struct db *d, const uint8_t *ids, size_t n)
{
	struct db_args a = {0};
	int64_t dropped;

	db_arg_uuids(&a, ids, n);
	dropped = db_do(d, sql_drop, &a);
	db_args_free(&a);
	return dropped;
}
