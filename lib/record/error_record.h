/*
 * error_record - error records: what failed, and who must act (pl-record(5))
 *
 * The class decides what becomes of a document that failed: every tool, the
 * worker and the database use it, never the words of the message.
 */
#ifndef ERROR_RECORD_H
#define ERROR_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct record_out;
struct yyjson_val;

/* Who must act on an error. */
enum error_class {
	ERROR_TRANSIENT, /* try again */
	ERROR_THROTTLED, /* try again after retry_after */
	ERROR_QUOTA,	 /* waiting does not help; an operator must act */
	ERROR_INPUT,	 /* this record is at fault */
	ERROR_CONFIG,	 /* key, model, dimension, schema */
	ERROR_INTERNAL	 /* a bug, a crash */
};

/* An error record. Strings are borrowed; NULL, -1 and 0 leave a key out. */
struct error_record {
	const char *stage; /* the tool, without "pl-" */
	enum error_class class;
	const char *code;    /* a short fixed word, for programs */
	const char *message; /* what happened and what to do */
	const char *document_id;
	const char *source; /* of the document that never came to be */
	const char *url;
	int64_t chunk;	    /* index, or -1 */
	uint64_t line;	    /* of the input, from 1, or 0 */
	int64_t offset;	    /* byte offset in the line or text, or -1 */
	double retry_after; /* seconds, or 0 */
	const char *lease;
};
#define ERROR_RECORD_INIT                                                      \
	{                                                                      \
		.chunk = -1, .offset = -1                                      \
	}

/* In bytes; a longer text is cut. */
enum { ERROR_WORD_MAX = 256, ERROR_MESSAGE_MAX = 4096 };

/* Room for the texts of an error that were cut. */
struct error_words {
	char stage[ERROR_WORD_MAX + 1], code[ERROR_WORD_MAX + 1];
	char message[ERROR_MESSAGE_MAX + 1];
};

/*
 * Cut e's stage, code and message to these sizes, between characters, with an
 * ellipsis at the end. A text that was cut is borrowed from words; the others
 * do not change.
 */
void error_record_bound(struct error_record *e, struct error_words *words);

/* Names of classes; parse gives -1 for an unknown one, or NULL. */
const char *error_record_class_name(enum error_class class);
int error_record_class_parse(const char *name);

/* Write an error record, its texts cut. 0, or -1 with errno. */
int error_record_put(struct record_out *out, const struct error_record *e);
/*
 * Read the members of an error record. Strings are borrowed from root, or from
 * words if they were cut. fallback is the class if the record has none, or an
 * unknown one.
 */
void error_record_get(struct yyjson_val *root, enum error_class fallback,
    struct error_record *e, struct error_words *words);
/*
 * An error as the database keeps it: a JSON object of stage, class, code,
 * message and chunk, its texts cut. Its length in *n unless NULL. Caller frees.
 */
char *error_record_json(const struct error_record *e, size_t *n);

#endif
