/*
 * input - read bytes of an open input
 *
 * The output is flushed before a read waits, so that a reader behind a pipe
 * sees every record in time.
 */
#ifndef INGEST_INPUT_H
#define INGEST_INPUT_H

#include <sys/types.h>

struct buf;
struct ingest;

/*
 * Read once, as read(2) does, and append to data. Returns how many bytes came,
 * 0 at the end, -1 with errno.
 */
ssize_t ingest_input_fill(struct ingest *in, int fd, struct buf *data);

#endif
