/*
 * intake_task - a task that was created, as Redis must know it
 */
#ifndef INTAKE_TASK_H
#define INTAKE_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct intake_task {
	uint8_t id[DIGEST_UUID];
	uint8_t *documents; /* n ids of 16 bytes */
	size_t n;
};

#endif
