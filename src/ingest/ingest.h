/*
 * ingest - the state of pl-ingest: options, open files, account
 *
 * main fills in the options and opens the files; report keeps the account.
 */
#ifndef INGEST_H
#define INGEST_H

#include <stdint.h>

#include "base/buf.h"
#include "options.h"
#include "tool/progress.h"

struct source;
struct record_out;
struct yyjson_val;
struct ingest_change;

struct ingest {
	struct ingest_options options;
	/* what is open */
	struct record_out *out;
	struct source *source;
	const char *input; /* name for messages */
	int in_folder;	   /* the input was not named, but lies in a folder */
	int is_stdin;
	uint64_t line;		/* of the input, or 0 */
	uint64_t values;	/* of JSON so far */
	const char *secrets[2]; /* hidden in messages; NULL ends them */
	struct buf origin;	/* url of the input */
	struct buf path;	/* path of the file, without "./" */
	struct progress progress;
	/* Called for each value of JSON that is no page; or NULL. */
	void (*look)(void *argument, struct yyjson_val *root);
	void *look_argument;
	/* Pages to fetch, which a monitor says have changed. */
	struct ingest_change *changes;
	size_t change_count;
	/* the account */
	/*
	 * If 0, a name that cannot be opened is probably misspelt, and not a
	 * document.
	 */
	int some_can_open;
	uint64_t opened, documents, failed, repeats, skipped, repaired;
	uint64_t unread; /* files of folders that cannot be read, in skip.c */
	struct buf first_unread; /* the first of them, and why */
	int status; /* the exit status that a failure asks for, or CLI_DONE */
	/* What the listing says, in listing.c. */
	struct {
		int is_partial;	    /* documents may be missing */
		struct buf source;  /* of the first document */
		uint64_t documents; /* of that source */
		uint64_t pages; /* of a kept output, since its last listing */
	} listing;
};

#endif
