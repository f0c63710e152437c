/*
 * waiting_record - a stage reports that it waits (pl-record(5))
 *
 * The worker then knows that the document is not lost. For a document without a
 * lease there is no worker, and nothing is written.
 */
#ifndef WAITING_RECORD_H
#define WAITING_RECORD_H

struct record_out;

/* Seconds. */
enum {
	WAITING_RECORD_EVERY = 5,    /* how often a waiting stage writes one */
	WAITING_RECORD_SECONDS = 15, /* how long one is valid */
	WAITING_RECORD_MAX = 30 /* the most that other programs may claim */
};

/* Write one and flush. 0, or -1 with errno, as record_out_flush. */
int waiting_record_put(
    struct record_out *out, const char *document_id, const char *lease);

#endif
