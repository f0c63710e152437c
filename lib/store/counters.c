#include "store/counters.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_counters.h"

int
counters_fold(struct db *d)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_int(&a, COUNTERS_SOURCES);
	db_arg_int(&a, COUNTERS_ERRORS);
	n = db_do(d, sql_fold, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

struct counter *
counters_read(struct db *d, size_t *n)
{
	struct db_result *r = db_run(d, sql_read, NULL);
	struct counter *counters;

	if (r == NULL)
		return NULL;
	*n = (size_t)db_rows(r);
	counters = x_calloc(*n + 1, sizeof(*counters));
	for (int i = 0; i < db_rows(r); i++) {
		counters[i].name = x_strdup(db_text(r, i, 0));
		for (int k = 0; k < COUNTERS_LABELS; k++)
			counters[i].label[k] = x_strdup(db_text(r, i, 1 + k));
		counters[i].value = db_int(r, i, 1 + COUNTERS_LABELS);
	}
	db_result_free(r);
	return counters;
}

void
counters_free(struct counter *counters, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(counters[i].name);
		for (int k = 0; k < COUNTERS_LABELS; k++)
			free(counters[i].label[k]);
	}
	free(counters);
}
