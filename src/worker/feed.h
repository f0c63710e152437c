/* feed - documents that wait are loaded and sent, as the window has room */
#ifndef WORKER_FEED_H
#define WORKER_FEED_H

struct worker;

/* Send what the window has room for; starts the pipeline. */
void worker_feed(struct worker *w);

#endif
