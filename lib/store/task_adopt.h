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
 * Make a task of what another program queued: a row for the task (16 bytes)
 * and its n documents, if its job exists. With a document that is not there the
 * task has an error, and fails when the others are done. 1 adopted, 0 no such
 * job (or the task is known), -1.
 */
int task_adopt(struct db *db, const uint8_t task[static DIGEST_UUID],
    const uint8_t job[static DIGEST_UUID], const char *queue,
    const uint8_t *documents, size_t n);

#endif
