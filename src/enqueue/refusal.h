/*
 * refusal - documents that are refused
 *
 * Each has an error record in its place and a line for people. One with a url
 * is also kept, for the account of the job.
 */
#ifndef ENQUEUE_REFUSAL_H
#define ENQUEUE_REFUSAL_H

struct enqueue;
struct error_record;

/* Write the error record, and say it. */
void enqueue_refuse(struct enqueue *e, const struct error_record *error);
/* Keep it for the job's account, if it has a url. */
void enqueue_note_failed(
    struct enqueue *e, const char *source, const struct error_record *error);

#endif
