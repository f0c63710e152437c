/*
 * job_tasks - the tasks of a job that Redis must be told of
 */
#ifndef JOB_TASKS_H
#define JOB_TASKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_result;

/*
 * Ids of the job's pending tasks, which Redis may not have: *tasks (n * 16
 * bytes) is freed by the caller. 0, or -1 with db_error.
 */
int job_pending_tasks(struct db *d, const uint8_t id[static DIGEST_UUID],
    uint8_t **tasks, size_t *n);
/* Ids of a job's canceled tasks, in text form; NULL with db_error. */
struct db_result *job_canceled_tasks(
    struct db *d, const uint8_t id[static DIGEST_UUID]);

#endif
