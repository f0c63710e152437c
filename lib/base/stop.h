/*
 * stop - the stop flag and its signals
 *
 * A long-running tool calls stop_requested() between two units of work and
 * after every wait that a signal interrupted (EINTR).
 */
#ifndef STOP_H
#define STOP_H

/* From now on SIGTERM, SIGINT and SIGHUP set the flag and interrupt waits. */
void stop_catch(void);
/* The first signal that asked to stop, or 0. */
int stop_requested(void);
/* Seconds since that signal; 0 if none came. */
double stop_age(void);

#endif
