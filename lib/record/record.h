/*
 * record - a record in, a record out (pl-record(5))
 *
 * One JSON object per line. Lines may have any length up to a limit; a bad
 * one costs itself only. yyjson is the data model: a record is a yyjson value
 * and stays valid until the next record is read.
 *
 * Flush rule: output is buffered, and flushed when the input would block. The
 * idle function of record_in_open is called then, and must flush.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

struct buf;

enum { RECORD_MAX_DEFAULT = 64 << 20 };

/* What a record is, by its "type"; without one it is RECORD_UNTYPED. */
enum record_type {
	RECORD_UNTYPED,
	RECORD_DOCUMENT,
	RECORD_CHUNK,
	RECORD_END,
	RECORD_STORED,
	RECORD_ERROR,
	RECORD_JOB,
	RECORD_FOREIGN /* a type that pl does not know; passed on */
};

/* Who must act on an error. */
enum record_class {
	RECORD_TRANSIENT, /* try again */
	RECORD_THROTTLED, /* try again after retry_after */
	RECORD_QUOTA,	  /* waiting does not help; an operator must act */
	RECORD_INPUT,	  /* this record is at fault */
	RECORD_CONFIG,	  /* key, model, dimension, schema */
	RECORD_INTERNAL	  /* a bug, a crash */
};

/* An error record. Strings are borrowed; NULL, -1 and 0 leave a key out. */
struct record_error {
	const char *stage; /* the tool, without "pl-" */
	enum record_class class;
	const char *code;    /* a short fixed word, for programs */
	const char *message; /* what happened and what to do */
	const char *document_id;
	const char *url;
	int64_t chunk;	    /* index, or -1 */
	uint64_t line;	    /* of the input, from 1, or 0 */
	int64_t offset;	    /* byte offset in the line or text, or -1 */
	double retry_after; /* seconds, or 0 */
	const char *lease;
};
#define RECORD_ERROR_INIT                                                      \
	{                                                                      \
		.chunk = -1, .offset = -1                                      \
	}

/* A record as read. */
struct record {
	enum record_type type;
	yyjson_val *root; /* an object */
	const char *line; /* as read, without the line end */
	size_t len;
	uint64_t number;	   /* of the line, from 1 */
	size_t repaired;	   /* characters replaced by U+FFFD */
	size_t repaired_at;	   /* byte offset of the first in the line */
	struct record_error error; /* of a refused line, without the stage */
};

enum record_status {
	RECORD_EOF,	/* end of input */
	RECORD_OK,	/* a record */
	RECORD_REFUSED, /* rec.error says why; go on with the next */
	RECORD_FAILED	/* reading failed; errno says why */
};

struct record_in;
struct record_out;

struct record_options {
	size_t max_record;    /* bytes; 0 means RECORD_MAX_DEFAULT */
	int reject_invalid;   /* refuse what would be repaired */
	void (*idle)(void *); /* called when input would block; may be NULL */
	void *idle_argument;
};

/* Records of descriptor fd, which stays open and the caller's. */
struct record_in *record_in_open(int fd, const struct record_options *options);
void record_in_close(struct record_in *in);
/* Bytes that were read from fd already; only before the first record_read. */
void record_in_unread(struct record_in *in, const void *p, size_t n);
/* The next record. Blank lines are skipped. */
enum record_status record_read(struct record_in *in, struct record *r);
/*
 * record_read in two steps, for those who parse in another thread: the next
 * line that is not blank, not parsed; and the parsing of r->line, by any
 * record_in (a descriptor of -1 makes one for that alone), until its next call.
 */
enum record_status record_read_line(struct record_in *in, struct record *r);
enum record_status record_read_parse(struct record_in *in, struct record *r);
/*
 * Wait until a whole line or the end is there, for at most timeout ms (-1:
 * for ever). 1 ready, 0 not, -1 interrupted or failed with errno.
 */
int record_in_wait(struct record_in *in, int timeout);

/*
 * Parse one JSON text of n bytes with the same hygiene as a line: NUL,
 * invalid UTF-8 and lone surrogates become U+FFFD (counted), numbers beyond
 * double are kept as raw text. NULL with *why (static) and *at, the byte
 * offset; else the caller frees the result with yyjson_doc_free.
 */
yyjson_doc *record_parse(const char *text, size_t n, size_t *repaired,
    size_t *repaired_at, const char **why, size_t *at);

/*
 * Buffered records to descriptor fd, which stays the caller's. With -1 they
 * stay in the buffer until record_move.
 */
struct record_out *record_out_open(int fd);
/*
 * Call settle before anything leaves the buffer, for what was left open in it;
 * NULL: no longer.
 */
void record_out_settle(
    struct record_out *out, void (*settle)(void *), void *argument);
/* Flush and free, without closing fd. 0, or -1 with errno. */
int record_out_close(struct record_out *out);
/* Write what is buffered. 0, or -1 with errno, now and ever after. */
int record_flush(struct record_out *out);
/* A new record with its "type"; strings put in are borrowed until record_put.
 */
yyjson_mut_doc *record_new(struct record_out *out, const char *type);
/* Write a record of record_new and free it. 0, or -1 with errno. */
int record_put(struct record_out *out, yyjson_mut_doc *doc);
/*
 * A record written straight into the output, by json_write.h: record_begin
 * gives the buffer, in which {"type":type stands, for members to be added;
 * record_end ends the record. 0, or -1 with errno.
 */
struct buf *record_begin(struct record_out *out, const char *type);
int record_end(struct record_out *out);
/* Write a line unchanged. 0, or -1 with errno. */
int record_pass(struct record_out *out, const char *line, size_t n);
/* Write all that from, of descriptor -1, has. 0, or -1 with errno. */
int record_move(struct record_out *out, struct record_out *from);
/* Write an error record. 0, or -1 with errno. */
int record_put_error(struct record_out *out, const struct record_error *e);
/*
 * The members of an error record, its strings borrowed from root. fallback is
 * the class of one that has none, or an unknown one.
 */
void record_get_error(
    yyjson_val *root, enum record_class fallback, struct record_error *e);
/*
 * Stage, class, code, message and chunk as a JSON object, as the database keeps
 * an error; its length in *n unless NULL. The caller frees it.
 */
char *record_error_json(const struct record_error *e, size_t *n);
/* Bytes that are buffered. */
size_t record_pending(const struct record_out *out);

/* Names of types and classes; record_class_parse gives -1 for an unknown one.
 */
enum record_type record_type_of(yyjson_val *root);
const char *record_class_name(enum record_class class);
int record_class_parse(const char *name);

/* A string member of an object, or NULL; its length in *n unless NULL. */
const char *record_str(yyjson_val *object, const char *key, size_t *n);
/* An integer member, or fallback. */
int64_t record_int(yyjson_val *object, const char *key, int64_t fallback);

#endif
