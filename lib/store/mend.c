#include "store/mend.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/periods.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_mend.h"
#include "store/heartbeat.h"

const char mend_refused[] = "refused_by_database";

/* A task fails when it has lost its worker this many times. */
enum { CRASHES_MAX = 20 };

/* A kind of fault. */
struct kind {
	const char *what, *check; /* as in mend_repair */
	const char *message;
	const char *look, *repair; /* statements, with the same arguments */
	int64_t number;		   /* $2 of both */
};

static const struct kind leases = {"lease_lapsed", NULL,
    "the worker is gone: the task is pending again", sql_look_leases,
    sql_leases, CRASHES_MAX};
static const struct kind late = {"job_timeout", NULL,
    "the job ran longer than its timeout: it failed", sql_look_late, sql_late,
    0};
static const struct kind others[] = {
    {"job_not_sealed", "unsealed",
	"the feeder of the job is gone: the job is sealed", sql_look_unsealed,
	sql_unsealed, PERIOD_FEED_DEAD},
    {"job_not_closed", "open_without_work",
	"all documents are done: the job is closed", sql_look_unclosed,
	sql_unclosed, 0},
    {"job_ended_early", "ended_with_work",
	"the job has documents that are not done: it is open again",
	sql_look_ended_early, sql_ended_early, 0},
    {"task_lost", "stranded", "documents have no open task: they get a new one",
	sql_look_lost, sql_lost, PERIOD_FEED_DEAD},
    {"task_misplaced", NULL,
	"the task waits in a queue of another collection: it is moved to its "
	"own",
	sql_look_misplaced, sql_misplaced, 0},
};

void
mend_report(const struct mend_options *options, struct mend_counts *counts,
    const struct mend_repair *repair)
{
	if (repair->job != NULL)
		counts->refused++;
	else
		counts->repaired += repair->count;
	if (options->report != NULL)
		options->report(options->argument, repair);
}

void
mend_report_refusal(const struct mend_options *options,
    struct mend_counts *counts, const char *job, const char *task,
    const char *why)
{
	mend_report(options, counts,
	    &(struct mend_repair){.what = mend_refused,
		.message = why,
		.task = task,
		.job = job,
		.count = 1});
}

/* Append the arguments: the job (NULL: all jobs) and the number. */
static void
arg_kind(struct db_args *a, const struct kind *kind, const uint8_t *job)
{
	db_arg_uuids(a, job, job != NULL);
	db_arg_int(a, kind->number);
}

/* The jobs with faults; *faults is the number of faults. NULL: failed. */
static uint8_t *
look(struct db *db, const struct kind *kind, const uint8_t *job, size_t *jobs,
    uint64_t *faults)
{
	struct db_args a = {0};
	struct db_result *r;
	uint8_t *ids;

	arg_kind(&a, kind, job);
	r = db_run_binary(db, kind->look, &a);
	db_args_free(&a);
	if (r == NULL)
		return NULL;
	*jobs = (size_t)db_rows(r);
	*faults = 0;
	ids = x_calloc(*jobs + 1, DIGEST_UUID);
	for (int i = 0; i < db_rows(r); i++) {
		memcpy(ids + DIGEST_UUID * i, db_text(r, i, 0), DIGEST_UUID);
		*faults += (uint64_t)db_binary_int8(r, i, 1);
	}
	db_result_free(r);
	return ids;
}

/* Repair the faults. Returns how many, or -1. */
static int
repair(struct db *db, const struct kind *kind, const uint8_t *job)
{
	struct db_args a = {0};
	int n;

	arg_kind(&a, kind, job);
	n = db_count(db, kind->repair, &a);
	db_args_free(&a);
	return n;
}

/* Repair each job separately. Returns how many faults, or -1. */
static int
repair_apart(struct db *db, const struct kind *kind, const uint8_t *jobs,
    size_t n, const struct mend_options *options, struct mend_counts *counts)
{
	int done = 0;

	for (size_t i = 0; i < n; i++) {
		const uint8_t *job = jobs + i * DIGEST_UUID;
		int faults = repair(db, kind, job);
		char id[DIGEST_UUID_TEXT];

		if (faults == -1 && db_fault(db) != DB_DATA)
			return -1;
		if (faults != -1) {
			done += faults;
			continue;
		}
		digest_uuid_text(job, id);
		mend_report_refusal(options, counts, id, NULL, db_error(db));
	}
	return done;
}

static int
mend(struct db *db, const struct kind *kind, const struct mend_options *options,
    struct mend_counts *counts)
{
	size_t jobs;
	uint64_t faults;
	uint8_t *ids = look(db, kind, options->job, &jobs, &faults);
	int n = 0;

	if (ids == NULL)
		return -1;
	if (jobs > 0 && !options->dry_run) {
		n = repair(db, kind, options->job);
		if (n == -1 && db_fault(db) == DB_DATA)
			n = repair_apart(db, kind, ids, jobs, options, counts);
		faults = n > 0 ? (uint64_t)n : 0;
	}
	if (faults > 0)
		mend_report(options, counts,
		    &(struct mend_repair){.what = kind->what,
			.check = kind->check,
			.message = kind->message,
			.count = faults});
	free(ids);
	return n == -1 ? -1 : 0;
}

int
mend_leases(struct db *db, const struct mend_options *options,
    struct mend_counts *counts)
{
	if (mend(db, &leases, options, counts) == -1)
		return -1;
	return options->dry_run ? 0 : heartbeat_forget(db);
}

int
mend_late(struct db *db, const struct mend_options *options,
    struct mend_counts *counts)
{
	return mend(db, &late, options, counts);
}

int
mend_all(struct db *db, const struct mend_options *options,
    struct mend_counts *counts)
{
	int status = mend_leases(db, options, counts);

	if (status == 0)
		status = mend_late(db, options, counts);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others) && status == 0;
	     i++)
		status = mend(db, &others[i], options, counts);
	return status;
}
