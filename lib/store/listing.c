#include "store/listing.h"

#include "base/periods.h"
#include "net/db.h"
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
