/*
 * waiting_record - a stage says that it waits (pl-record(5))
 *
 * Whoever feeds the pipeline then knows that the document is not lost. Of one
 * without a lease nobody waits to hear, and nothing is written.
 */
#ifndef WAITING_RECORD_H
#define WAITING_RECORD_H

struct record_out;

/* Seconds. */
enum {
	WAITING_RECORD_EVERY = 5,    /* how often a stage that waits says so */
	WAITING_RECORD_SECONDS = 15, /* for which it is then not missed */
	WAITING_RECORD_MAX = 30	     /* what other programs may ask for */
};

/* Write one and flush. 0, or -1 with errno, as record_out_flush. */
int waiting_record_put(
    struct record_out *out, const char *document_id, const char *lease);

#endif
