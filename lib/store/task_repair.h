/*
 * task_repair - tasks whose worker is gone, and documents without a task
 *
 * Any number of processes may repair at once. See task_claim.h for results.
 */
#ifndef TASK_REPAIR_H
#define TASK_REPAIR_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

/* Fail what is left of jobs that run longer than they may; how many jobs. */
int task_time_out(struct db *db);
/*
 * Give back the tasks whose lease lapsed: they are pending again, or failed
 * when lost too often. Returns how many.
 */
int task_reap(struct db *db);
/*
 * Give new tasks to documents that wait in an open job although their task
 * ended, and reopen jobs that ended too early. Returns how many.
 */
int task_rescue(struct db *db);
/*
 * Make a task of what another program queued: a row for the task (16 bytes)
 * and its n documents, if its job exists. 1 adopted, 0 no such job (or the
 * task is known), -1.
 */
int task_adopt(struct db *db, const uint8_t task[static DIGEST_UUID],
    const uint8_t job[static DIGEST_UUID], const char *queue,
    const uint8_t *documents, size_t n);

#endif
