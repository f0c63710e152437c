/* remedy - the command that makes a file readable, as a user can paste it */
#ifndef INGEST_REMEDY_H
#define INGEST_REMEDY_H

struct buf;
struct ingest;

/*
 * Append why, in which FILE stands for the input, and "pl-ingest -" for the
 * command that reads what comes of it: with the format by the name without its
 * last suffix, and the url that the file would have under that name.
 */
void ingest_remedy(const struct ingest *in, const char *why, struct buf *out);

#endif
