/*
 * counters - counters of events, which never fall
 *
 * The database counts in the transaction in which something happens (triggers
 * of lib/store/schema/006.sql), so that nothing is counted twice and nothing is
 * lost. A value never falls, whatever is deleted.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stddef.h>
#include <stdint.h>

struct db;

/* This many sources and errors have a label; the others share "other". */
enum { COUNTERS_SOURCES = 50, COUNTERS_ERRORS = 200, COUNTERS_LABELS = 3 };

struct counter {
	char *name;		      /* of the statement "read" */
	char *label[COUNTERS_LABELS]; /* values; "" beyond its own labels */
	int64_t value;
};

/* Add the events since the last fold. 0, or -1 with db_error. */
int counters_fold(struct db *d);
/*
 * *n counters as of the last fold, those of one name together; free them with
 * counters_free. NULL with db_error.
 */
struct counter *counters_read(struct db *d, size_t *n);
void counters_free(struct counter *counters, size_t n);

#endif
