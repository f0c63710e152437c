/* pass - records that are no documents, and pass (pl-record(5)) */
#ifndef INGEST_PASS_H
#define INGEST_PASS_H

#include <stddef.h>

struct ingest;
struct yyjson_val;

/*
 * Write a record that is no document, and return 1; return 0 if it may be one.
 * text is the record as it was read, and repaired how many characters of it
 * were replaced in root.
 */
int ingest_pass(struct ingest *in, struct yyjson_val *root, const char *text,
    size_t n, size_t repaired);

#endif
