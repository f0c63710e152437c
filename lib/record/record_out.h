/*
 * record_out - records written to a descriptor, through a buffer
 *
 * A record goes out whole and as UTF-8, with its line end, or not at all. The
 * first write that fails is kept: every later call fails with its errno.
 */
#ifndef RECORD_OUT_H
#define RECORD_OUT_H

#include <stddef.h>

#include "record/record.h"

struct buf;
struct record_out;

/*
 * Buffered records to descriptor fd, which stays the caller's. With -1 they
 * stay in the buffer until record_move.
 */
struct record_out *record_out_open(int fd);
/* Flush and free, without closing fd. 0, or -1 with errno. */
int record_out_close(struct record_out *out);
/* Write what is buffered. 0, or -1 with errno, now and ever after. */
int record_out_flush(struct record_out *out);
/*
 * A new record with its "type", or without for NULL; strings put in are
 * borrowed until record_out_put.
 */
yyjson_mut_doc *record_out_new(struct record_out *out, const char *type);
/* Write such a record and free it. 0, or -1 with errno. */
int record_out_put(struct record_out *out, yyjson_mut_doc *doc);
/*
 * A record written straight into the output, by json_write.h: record_out_begin
 * gives the buffer, in which {"type":type stands, for members to be added;
 * record_out_end ends the record. 0, or -1 with errno.
 */
struct buf *record_out_begin(struct record_out *out, const char *type);
int record_out_end(struct record_out *out);
/* Write a line unchanged. 0, or -1 with errno. */
int record_out_pass(struct record_out *out, const char *line, size_t n);
/* Write all that from, of descriptor -1, has. 0, or -1 with errno. */
int record_out_move(struct record_out *out, struct record_out *from);
/* Bytes that are buffered. */
size_t record_out_pending(const struct record_out *out);

/*
 * The JSON of a document, its length in *n; *valid is 0 when strings in it are
 * not UTF-8. Freed by the allocator memory, or by free if that is NULL.
 */
char *record_out_json(
    const yyjson_mut_doc *doc, const yyjson_alc *memory, size_t *n, int *valid);

#endif
