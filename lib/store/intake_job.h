/* intake_job - an open job that gets more documents */
#ifndef INTAKE_JOB_H
#define INTAKE_JOB_H

#include <stdint.h>

#include "base/digest.h"

struct db;

/* What the tasks of a job are made with. */
struct intake_job {
	char *queue;
	char *function;	  /* or NULL */
	char *collection; /* NULL: the first claim binds the job */
	int64_t timeout_seconds;
	int is_open; /* it takes more documents */
};
void intake_job_free(struct intake_job *j);
/* 1 with j, 0 if there is no such job, or -1. */
int intake_job_get(
    struct db *db, const uint8_t job[static DIGEST_UUID], struct intake_job *j);

#endif
