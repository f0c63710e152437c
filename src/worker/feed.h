/* feed - load waiting documents and send them while the window has room */
#ifndef WORKER_FEED_H
#define WORKER_FEED_H

struct worker;

/*
 * Send documents while the window has room; starts the pipeline if necessary.
 */
void worker_feed(struct worker *w);

#endif
