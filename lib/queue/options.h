/*
 * options - the options of a queue, and the size of an execution's id
 */
#ifndef OPTIONS_H
#define OPTIONS_H

/* The id of a claim's execution: 32 hex digits and the NUL. */
enum { QUEUE_EXECUTION = 33 };

struct queue_options {
	int plain;	      /* wip entries as RQ < 2.0 reads them */
	int lease_seconds;    /* 0: PERIOD_LEASE */
	int timeout_ms;	      /* to connect and to answer; 0: 5000 */
	const char *function; /* queue_function_ok; NULL: process_documents */
};

#endif
