/*
 * json - read JSON: one record a line, which is faster, or any other layout
 *
 * A fault costs only the record that contains it.
 */
#ifndef INGEST_JSON_H
#define INGEST_JSON_H

#include <stddef.h>

struct buf;
struct ingest;

/*
 * Read the records of fd to the end. data holds the bytes that were already
 * read; eof says that there are no more.
 */
void ingest_json_read(struct ingest *in, int fd, struct buf *data, int eof);
/* Read records that are in memory, in any layout. */
void ingest_json_read_text(struct ingest *in, const char *text, size_t n);

#endif
