/*
 * map - run a jq program that makes records of an input
 *
 * jq runs without the environment, without modules, and with bounds on time,
 * memory and output. What it wrote is read only after it succeeded, so that a
 * map gives all of its records or none.
 */
#ifndef INGEST_MAP_H
#define INGEST_MAP_H

struct ingest;

/*
 * Run the map of the options on the input fd. Returns a descriptor with its
 * output, which the caller closes, or -1 after the failure was reported.
 */
int ingest_map_run(struct ingest *in, int fd);

#endif
