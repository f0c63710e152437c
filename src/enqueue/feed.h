/* feed - read the records of standard input into the intake */
#ifndef ENQUEUE_FEED_H
#define ENQUEUE_FEED_H

struct enqueue;

/*
 * Handle every record, until the end of the input or a signal. Documents are
 * saved whenever the input pauses.
 */
void enqueue_feed(struct enqueue *e);

#endif
