/*
 * json - JSON input: one record a line, which is the fast way, or any layout
 *
 * A fault costs the record that it is in, not those around it.
 */
#ifndef INGEST_JSON_H
#define INGEST_JSON_H

struct buf;
struct ingest;

/*
 * Read the records of fd to the end; data is what was read already, eof that
 * this was all.
 */
void ingest_json_read(struct ingest *in, int fd, struct buf *data, int eof);

#endif
