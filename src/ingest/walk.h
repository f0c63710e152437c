/*
 * walk - files and folders by their names
 *
 * A folder is walked in the order of its names; links to folders are not
 * followed, so there is no loop.
 */
#ifndef INGEST_WALK_H
#define INGEST_WALK_H

struct ingest;

/* Read a file, a folder or "-", as it stands on the command line. */
void ingest_walk(struct ingest *in, const char *path);

/* Whether the input can be opened at all; - is standard input. */
int ingest_walk_can_open(const char *path);

#endif
