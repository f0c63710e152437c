/*
 * stop - the stop flag and its signals
 *
 * A long-running tool asks stop_requested() between two units of work and at
 * every wait that a signal interrupts (EINTR).
 */
#ifndef STOP_H
#define STOP_H

/* From now on SIGTERM, SIGINT and SIGHUP set the flag and interrupt waits. */
void stop_catch(void);
/* The first signal that asked to stop, or 0. */
int stop_requested(void);
/* Seconds since it came; 0 when none did. */
double stop_age(void);

#endif
