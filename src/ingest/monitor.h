/* monitor - fetch the pages that events of a monitor name */
#ifndef INGEST_MONITOR_H
#define INGEST_MONITOR_H

struct ingest;

/* Fetch the pages that were noted, and read them. */
void ingest_monitor_fetch(struct ingest *in);

#endif
