/*
 * waiting_record - a stage says that it waits (pl-record(5))
 *
 * Whoever feeds the pipeline then knows that the document is not lost. Of one
 * without a lease nobody waits to hear, and nothing is written.
 */
#ifndef WAITING_RECORD_H
#define WAITING_RECORD_H

struct record_out;

/* Seconds for which the stage is not to be missed. */
enum { WAITING_RECORD_SECONDS = 15, WAITING_RECORD_MAX = 30 };

/* Write one and flush. 0, or -1 with errno, as record_out_flush. */
int waiting_record_put(
    struct record_out *out, const char *document_id, const char *lease);

#endif
