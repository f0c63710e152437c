/*
 * skip - files of a folder that cannot be read, or are in no format of ours
 *
 * A file that is named by the user is an error if it gives no document. One
 * that only lies in a folder is left out and counted, so that a nightly run of
 * the folder does not fail every night.
 */
#ifndef INGEST_SKIP_H
#define INGEST_SKIP_H

struct ingest;

/*
 * Count the input, if it lies in a folder and code (of error_record) says that
 * it cannot be read. Returns whether it was counted; else it is an error.
 */
int ingest_skip(struct ingest *in, const char *code, const char *why);
/* Say in one line how many were left out, which is the first, and why. */
void ingest_skip_tell(struct ingest *in);

#endif
