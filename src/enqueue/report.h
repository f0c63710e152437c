/*
 * report - what became of the input, for people and for a dry run
 *
 * The words go to standard error. A question that the database does not answer
 * costs its words, not the run.
 */
#ifndef ENQUEUE_REPORT_H
#define ENQUEUE_REPORT_H

struct enqueue;
struct record_out;

/* Write the record of a job that is saved. */
void enqueue_report_job(
    struct enqueue *e, struct record_out *out, const char *id);
/* For --job-file: write the record there, once, as soon as there is a job. */
void enqueue_report_early(struct enqueue *e);
/* Write the record of a dry run, which makes no job. */
void enqueue_report_dry_run(struct enqueue *e);
/* Say where the unchanged documents are, and by which recipe. */
void enqueue_report_unchanged(struct enqueue *e);
/* Warn if the source has all these texts by other urls. */
void enqueue_report_copies(struct enqueue *e);

#endif
