/*
 * walk - find files by the names on the command line, and in folders
 *
 * The files of a folder are read in the order of their names. Links to folders
 * are not followed, so there is no loop.
 */
#ifndef INGEST_WALK_H
#define INGEST_WALK_H

struct ingest;

/* Read a file, a folder or "-", as given on the command line. */
void ingest_walk(struct ingest *in, const char *path);

/* Whether an input can be opened; "-" is standard input. */
int ingest_walk_can_open(const char *path);

#endif
