/*
 * record_out - write records to a descriptor, through a buffer
 *
 * A record is written whole, as UTF-8 and with its line end, or not at all.
 * After the first failed write every later call fails with the same errno.
 */
#ifndef RECORD_OUT_H
#define RECORD_OUT_H

#include <stddef.h>

#include "record/record.h"

struct buf;
struct record_out;

/*
 * Open an output to descriptor fd, which belongs to the caller. With fd -1
 * records stay in the buffer until record_out_move.
 */
struct record_out *record_out_open(int fd);
/* Flush and free, without closing fd. 0, or -1 with errno. */
int record_out_close(struct record_out *out);
/* Write the buffered records. 0, or -1 with errno, then at every call. */
int record_out_flush(struct record_out *out);
/*
 * A new record with this "type" (NULL: without a type). Strings that the caller
 * adds are borrowed until record_out_put.
 */
yyjson_mut_doc *record_out_new(struct record_out *out, const char *type);
/* Write such a record and free it. 0, or -1 with errno. */
int record_out_put(struct record_out *out, yyjson_mut_doc *doc);
/*
 * Write a record directly into the output, with json_write.h. record_out_begin
 * returns the buffer, which has {"type":type; the caller adds members.
 * record_out_end ends the record: 0, or -1 with errno.
 */
struct buf *record_out_begin(struct record_out *out, const char *type);
int record_out_end(struct record_out *out);
/* Write a line unchanged. 0, or -1 with errno. */
int record_out_pass(struct record_out *out, const char *line, size_t n);
/* Write all records of from, which has descriptor -1. 0, or -1 with errno. */
int record_out_move(struct record_out *out, struct record_out *from);
/* Bytes that are buffered. */
size_t record_out_pending(const struct record_out *out);

/*
 * A document as JSON, its length in *n; *valid is 0 if a string in it is not
 * UTF-8. The caller frees it with the allocator memory, or with free if that is
 * NULL.
 */
char *record_out_json(
    const yyjson_mut_doc *doc, const yyjson_alc *memory, size_t *n, int *valid);

#endif
