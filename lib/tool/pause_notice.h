/*
 * pause_notice - a line for people: a queue is paused, and what goes on with it
 */
#ifndef PAUSE_NOTICE_H
#define PAUSE_NOTICE_H

/* reason may be empty. */
void pause_notice(const char *queue, const char *reason);

#endif
