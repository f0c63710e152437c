/*
 * refusal - documents that are refused
 *
 * A refused document becomes an error record in its place, and a line on
 * standard error. If it has a url, it is also kept for the account of the job.
 */
#ifndef ENQUEUE_REFUSAL_H
#define ENQUEUE_REFUSAL_H

struct enqueue;
struct error_record;

/* Write the error record, and its message on standard error. */
void enqueue_refuse(struct enqueue *e, const struct error_record *error);
/* Keep a refused document for the job's account, if it has a url. */
void enqueue_note_failed(
    struct enqueue *e, const char *source, const struct error_record *error);

#endif
