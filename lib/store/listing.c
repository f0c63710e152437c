#include "store/listing.h"

#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_listing.h"

struct db_result *
listing_sources(struct db *d)
{
	return db_run(d, sql_sources, NULL);
}

struct db_result *
listing_workers(struct db *d)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_int(&a, PERIOD_WORKER_LOST);
	db_arg_int(&a, PERIOD_WORKER_GONE);
	r = db_run(d, sql_workers, &a);
	db_args_free(&a);
	return r;
}

int64_t
listing_recent(struct db *d, const uint8_t job[static DIGEST_UUID], int seconds)
{
	struct db_args a = {0};
	struct db_result *r;
	int64_t n = -1;

	db_arg_uuid(&a, job);
	db_arg_int(&a, seconds);
	r = db_run(d, sql_recent, &a);
	db_args_free(&a);
	if (r != NULL)
		n = db_int(r, 0, 0);
	db_result_free(r);
	return n;
}

struct db_result *
listing_failures(struct db *d, const uint8_t job[static DIGEST_UUID])
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_uuid(&a, job);
	r = db_run(d, sql_failures, &a);
	db_args_free(&a);
	return r;
}
