/* read - recognise an open input, and read its records or its text */
#ifndef INGEST_READ_H
#define INGEST_READ_H

#include <time.h>

struct ingest;

/*
 * Read an open input; in->origin is its url. type is its content type, NULL to
 * recognise it by its first bytes; file is its path, NULL for standard input;
 * mtime is the file's time of modification.
 */
void ingest_read(struct ingest *in, int fd, const char *file, const char *type,
    time_t mtime);

#endif
