/*
 * rec - a record in, a record out (pl-record(5))
 *
 * One JSON object per line. Lines may have any length up to a limit; a bad
 * one costs itself only. yyjson is the data model: a record is a yyjson value
 * and stays valid until the next record is read.
 *
 * Flush rule: output is buffered, and flushed when the input would block. The
 * idle function of rec_in_open is called then, and must flush.
 */
#ifndef REC_H
#define REC_H

#include <stddef.h>
#include <stdint.h>
#include <yyjson.h>

struct buf;

enum { REC_MAX_DEFAULT = 64 << 20 };

/* What a record is, by its "type"; without one it is REC_UNTYPED. */
enum rec_type {
	REC_UNTYPED,
	REC_DOCUMENT,
	REC_CHUNK,
	REC_END,
	REC_STORED,
	REC_ERROR,
	REC_JOB,
	REC_FOREIGN /* a type that pl does not know; passed on */
};

/* Who must act on an error. */
enum rec_class {
	REC_TRANSIENT, /* try again */
	REC_THROTTLED, /* try again after retry_after */
	REC_QUOTA,     /* waiting does not help; an operator must act */
	REC_INPUT,     /* this record is at fault */
	REC_CONFIG,    /* key, model, dimension, schema */
	REC_INTERNAL   /* a bug, a crash */
};

/* An error record. Strings are borrowed; NULL, -1 and 0 leave a key out. */
struct rec_error {
	const char *stage; /* the tool, without "pl-" */
	enum rec_class class;
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
#define REC_ERROR_INIT                                                         \
	{                                                                      \
		.chunk = -1, .offset = -1                                      \
	}

/* A record as read. */
struct rec {
	enum rec_type type;
	yyjson_val *root; /* an object */
	const char *line; /* as read, without the line end */
	size_t len;
	uint64_t number;	/* of the line, from 1 */
	size_t repaired;	/* characters replaced by U+FFFD */
	size_t repaired_at;	/* byte offset of the first in the line */
	struct rec_error error; /* of a refused line, without the stage */
};

enum rec_status {
	REC_EOF,     /* end of input */
	REC_OK,	     /* a record */
	REC_REFUSED, /* rec.error says why; go on with the next */
	REC_FAILED   /* reading failed; errno says why */
};

struct rec_in;
struct rec_out;

struct rec_options {
	size_t max_record;    /* bytes; 0 means REC_MAX_DEFAULT */
	int reject_invalid;   /* refuse what would be repaired */
	void (*idle)(void *); /* called when input would block; may be NULL */
	void *idle_argument;
};

/* Records of descriptor fd, which stays open and the caller's. */
struct rec_in *rec_in_open(int fd, const struct rec_options *options);
void rec_in_close(struct rec_in *in);
/* Bytes that were read from fd already; only before the first rec_read. */
void rec_in_unread(struct rec_in *in, const void *p, size_t n);
/* The next record. Blank lines are skipped. */
enum rec_status rec_read(struct rec_in *in, struct rec *r);
/*
 * rec_read in two steps, for those who parse in another thread: the next line
 * that is not blank, not parsed; and the parsing of r->line, by any rec_in (a
 * descriptor of -1 makes one for that alone), until its next call.
 */
enum rec_status rec_read_line(struct rec_in *in, struct rec *r);
enum rec_status rec_read_parse(struct rec_in *in, struct rec *r);
/*
 * Wait until a whole line or the end is there, for at most timeout ms (-1:
 * for ever). 1 ready, 0 not, -1 interrupted or failed with errno.
 */
int rec_in_wait(struct rec_in *in, int timeout);

/*
 * Parse one JSON text of n bytes with the same hygiene as a line: NUL,
 * invalid UTF-8 and lone surrogates become U+FFFD (counted), numbers beyond
 * double are kept as raw text. NULL with *why (static) and *at, the byte
 * offset; else the caller frees the result with yyjson_doc_free.
 */
yyjson_doc *rec_parse(const char *text, size_t n, size_t *repaired,
    size_t *repaired_at, const char **why, size_t *at);

/*
 * Buffered records to descriptor fd, which stays the caller's. With -1 they
 * stay in the buffer until rec_move.
 */
struct rec_out *rec_out_open(int fd);
/*
 * Call settle before anything leaves the buffer, for what was left open in it;
 * NULL: no longer.
 */
void rec_out_settle(
    struct rec_out *out, void (*settle)(void *), void *argument);
/* Flush and free, without closing fd. 0, or -1 with errno. */
int rec_out_close(struct rec_out *out);
/* Write what is buffered. 0, or -1 with errno, now and ever after. */
int rec_flush(struct rec_out *out);
/* A new record with its "type"; strings put in are borrowed until rec_put. */
yyjson_mut_doc *rec_new(struct rec_out *out, const char *type);
/* Write a record of rec_new and free it. 0, or -1 with errno. */
int rec_put(struct rec_out *out, yyjson_mut_doc *doc);
/*
 * A record written straight into the output, by json.h: rec_begin gives the
 * buffer, in which {"type":type stands, for members to be added; rec_end ends
 * the record. 0, or -1 with errno.
 */
struct buf *rec_begin(struct rec_out *out, const char *type);
int rec_end(struct rec_out *out);
/* Write a line unchanged. 0, or -1 with errno. */
int rec_pass(struct rec_out *out, const char *line, size_t n);
/* Write all that from, of descriptor -1, has. 0, or -1 with errno. */
int rec_move(struct rec_out *out, struct rec_out *from);
/* Write an error record. 0, or -1 with errno. */
int rec_put_error(struct rec_out *out, const struct rec_error *e);
/*
 * The members of an error record, its strings borrowed from root. fallback is
 * the class of one that has none, or an unknown one.
 */
void rec_get_error(
    yyjson_val *root, enum rec_class fallback, struct rec_error *e);
/*
 * Stage, class, code, message and chunk as a JSON object, as the database keeps
 * an error; its length in *n unless NULL. The caller frees it. NULL when a text
 * is not UTF-8.
 */
char *rec_error_json(const struct rec_error *e, size_t *n);
/* Bytes that are buffered. */
size_t rec_pending(const struct rec_out *out);

/* Names of types and classes; rec_class_parse gives -1 for an unknown one. */
enum rec_type rec_type_of(yyjson_val *root);
const char *rec_class_name(enum rec_class class);
int rec_class_parse(const char *name);

/* A string member of an object, or NULL; its length in *n unless NULL. */
const char *rec_str(yyjson_val *object, const char *key, size_t *n);
/* An integer member, or fallback. */
int64_t rec_int(yyjson_val *object, const char *key, int64_t fallback);

#endif
