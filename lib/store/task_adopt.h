/*
 * task_adopt - tasks that another program queued
 *
 * See task_claim.h for results.
 */
#ifndef TASK_ADOPT_H
#define TASK_ADOPT_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

/*
 * Give a task that another program queued (a 16-byte id) a row, and its n
 * documents rows in its job, if the job exists. If a document is not in the
 * database, the task gets an error, and fails when its other documents are
 * done. 1 adopted, 0 no such job (or the task has a row already), -1.
 */
int task_adopt(struct db *db, const uint8_t task[static DIGEST_UUID],
    const uint8_t job[static DIGEST_UUID], const char *queue,
    const uint8_t *documents, size_t n);

#endif
