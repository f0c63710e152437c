/* pause_notice - a message: a queue is paused, and how to resume it */
#ifndef PAUSE_NOTICE_H
#define PAUSE_NOTICE_H

/* reason may be empty. */
void pause_notice(const char *queue, const char *reason);

#endif
