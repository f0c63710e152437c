/*
 * read - one open input: what it is, and its records or its text
 */
#ifndef INGEST_READ_H
#define INGEST_READ_H

#include <time.h>

struct ingest;

/*
 * Read an open input, whose url is in->origin. type is its content type, NULL
 * to tell by its first bytes; file is its path, NULL for standard input; mtime
 * is the file's.
 */
void ingest_read(struct ingest *in, int fd, const char *file, const char *type,
    time_t mtime);

#endif
