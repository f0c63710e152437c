/*
 * examine - lines about what is well and what is not, for health and doctor
 */
#ifndef JOBCTL_EXAMINE_H
#define JOBCTL_EXAMINE_H

#include "base/buf.h"

struct jobctl;
struct metrics;

enum examined { EXAMINED_OK, EXAMINED_WARN, EXAMINED_BROKEN, EXAMINED_AWAY };

struct examining {
	struct jobctl *c;
	const char *type;    /* of the records */
	struct table *table; /* or NULL */
	double max_age;	     /* seconds */
	int quiet;	     /* write only what is wrong */
	int broken, away;
	struct buf where; /* the server that the next line is about, or empty */
};

/* The options of the command are parsed: choose the form of the output. */
void examine_begin(struct examining *x);
/*
 * Write a line. What is wrong is also a line on standard error, which cron
 * mails, unless a table on the same terminal shows it.
 */
void examine_tell(struct examining *x, const char *component,
    enum examined state, const char *text);
/* The end: print the table. Returns the exit status. */
int examine_end(struct examining *x);

/* The servers and the schema (in health.c). 0, or -1: not all can be used. */
int examine_servers(struct examining *x, struct metrics *m);

#endif
