/*
 * record_in - records read from a descriptor, a line at a time
 *
 * Lines may have any length up to a limit; a bad one costs itself only. A
 * record stays valid until the next one is read.
 *
 * Flush rule: output is buffered, and flushed when the input would block. The
 * idle function of record_in_open is called then, and must flush.
 */
#ifndef RECORD_IN_H
#define RECORD_IN_H

#include "record/error_record.h"
#include "record/record.h"

enum { RECORD_IN_MAX = 64 << 20 };

/* A record as read. */
struct record {
	enum record_type type;
	yyjson_val *root; /* an object */
	const char *line; /* as read, without the line end */
	size_t len;
	uint64_t number;	   /* of the line, from 1 */
	size_t repaired;	   /* characters replaced by U+FFFD */
	size_t repaired_at;	   /* byte offset of the first in the line */
	struct error_record error; /* of a refused line, without the stage */
};

enum record_status {
	RECORD_EOF,	/* end of input */
	RECORD_OK,	/* a record */
	RECORD_REFUSED, /* rec.error says why; go on with the next */
	RECORD_FAILED	/* reading failed; errno says why */
};

struct record_in;

struct record_in_options {
	size_t max_record;    /* bytes; 0 means RECORD_IN_MAX */
	int reject_invalid;   /* refuse what would be repaired */
	void (*idle)(void *); /* called when input would block; may be NULL */
	void *idle_argument;
};

/* Records of descriptor fd, which stays open and the caller's. */
struct record_in *record_in_open(
    int fd, const struct record_in_options *options);
void record_in_close(struct record_in *in);
/* Bytes that were read from fd already; only before the first record_in_read.
 */
void record_in_unread(struct record_in *in, const void *p, size_t n);
/* The next record. Blank lines are skipped. */
enum record_status record_in_read(struct record_in *in, struct record *r);
/*
 * record_in_read in two steps, for those who parse in another thread: the next
 * line that is not blank, not parsed; and the parsing of r->line, by any
 * record_in (a descriptor of -1 makes one for that alone), until its next call.
 */
enum record_status record_in_line(struct record_in *in, struct record *r);
enum record_status record_in_parse(struct record_in *in, struct record *r);
/*
 * Wait until a whole line or the end is there, for at most timeout ms (-1:
 * for ever). 1 ready, 0 not, -1 interrupted or failed with errno.
 */
int record_in_wait(struct record_in *in, int timeout);

#endif
