#include "store/doctor.h"

#include <string.h>

#include "base/time.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_doctor.h"

static const struct {
	const char *name, *sql;
	int takes_time; /* $1 is the time here */
} checks[DOCTOR_CHECKS] = {
    {"database", sql_database, 0},
    {"rights", sql_rights, 0},
    {"row security", sql_row_security, 0},
    {"limits", sql_limits, 0},
    {"vectors", sql_vectors, 0},
    {"clock", sql_clock, 1},
};

const char *
doctor_name(size_t check)
{
	return checks[check].name;
}

struct db_result *
doctor_ask(struct db *d, size_t check)
{
	struct db_args a = {0};
	struct db_result *r;

	if (checks[check].takes_time)
		db_arg_int(&a, time_unix_ms());
	r = db_run(d, checks[check].sql, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
doctor_searchable(struct db *d)
{
	return db_run(d, sql_searchable, NULL);
}
