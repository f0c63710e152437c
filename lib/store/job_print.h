/*
 * job_print - a job as a record
 *
 * The order of the keys is part of the record's form (pl-record(5)).
 */
#ifndef JOB_PRINT_H
#define JOB_PRINT_H

struct db_result;
struct record_out;

/*
 * Write a row of job_find as a job record. 0, or -1 with errno.
 */
int job_put(struct record_out *out, const struct db_result *r, int row);

#endif
