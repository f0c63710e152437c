/*
 * record_in - read records from a descriptor, line by line
 *
 * Lines may have any length up to a limit; a bad line costs only itself. A
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
	int reject_invalid;   /* refuse lines that need repairs */
	void (*idle)(void *); /* called when input would block; may be NULL */
	void *idle_argument;
};

/* Read from descriptor fd, which stays open and belongs to the caller. */
struct record_in *record_in_open(
    int fd, const struct record_in_options *options);
void record_in_close(struct record_in *in);
/*
 * Give back bytes that were read from fd already. Call it only before the first
 * record_in_read.
 */
void record_in_unread(struct record_in *in, const void *p, size_t n);
/* The next record. Blank lines are skipped. */
enum record_status record_in_read(struct record_in *in, struct record *r);
/*
 * record_in_read in two steps, for a caller that parses in another thread.
 * record_in_line gives the next line that is not blank, not parsed.
 * record_in_parse parses r->line; the result is valid until its next call. Any
 * record_in can parse, also one of descriptor -1.
 */
enum record_status record_in_line(struct record_in *in, struct record *r);
enum record_status record_in_parse(struct record_in *in, struct record *r);
/*
 * Wait for a whole line or the end of input, at most timeout ms (-1: for ever).
 * 1 ready, 0 not, -1 interrupted or failed with errno.
 */
int record_in_wait(struct record_in *in, int timeout);

#endif
