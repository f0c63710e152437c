/*
 * ingest - what the parts of pl-ingest share
 */
#ifndef INGEST_H
#define INGEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "tool/cli.h"

struct source;
struct source_page;
struct record_out;

/* Globs of --include or --exclude, borrowed from argv. */
struct ingest_globs {
	const char **patterns;
	size_t n;
};

struct ingest {
	/* options */
	const char *source_name, *base_url, *content_key;
	const char *type; /* of --format: a content type, or NULL */
	struct ingest_globs include, exclude;
	size_t max_record;
	int reject_invalid;
	/* what is open */
	struct record_out *out;
	struct source *source;
	const char *input; /* name for messages */
	uint64_t line;	   /* of the input, or 0 */
	struct buf origin; /* url of the input */
	struct buf path;   /* of the file, without "./" */
	struct cli_progress progress;
	/* the account */
	uint64_t opened, documents, failed, repeats, skipped, repaired;
};

/* report.c */

/* A page of source; argument is the struct ingest. */
void ingest_give(void *argument, const struct source_page *page);
/*
 * Refuse something of the input that is no page of a format: one error record
 * and one line of words. offset is that of the fault in a record, or -1; the
 * error names the input as a document if as_document is set.
 */
void ingest_refuse(struct ingest *in, const char *code, int64_t offset,
    int as_document, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Count and report characters that were replaced in a record. */
void ingest_repaired(struct ingest *in, size_t count, size_t at);
/* Flush now, because a read would wait; argument is the struct ingest. */
void ingest_idle(void *argument);
/* One line of account when something was left out, or with -v. */
void ingest_summarise(const struct ingest *in);

/* walk.c */

/* A file, a folder or "-", as it stands on the command line. */
void ingest_path(struct ingest *in, const char *path);

/* input.c */

/* Read once, as read(2), behind what data holds; flushes before it waits. */
ssize_t ingest_fill(struct ingest *in, int fd, struct buf *data);

/* read.c */

/*
 * Read an open input. type is its content type, NULL to tell by its first
 * bytes; file is its path, NULL for standard input; mtime is the file's.
 */
void ingest_read(struct ingest *in, int fd, const char *file, const char *type,
    time_t mtime);

/* json.c */

/*
 * Records of fd in any layout; data is what was read already, eof that this
 * was all.
 */
void ingest_json(struct ingest *in, int fd, struct buf *data, int eof);

#endif
