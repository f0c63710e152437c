/*
 * pickle - read plain data from a pickle, as JSON
 *
 * RQ's default serializer is Python's pickle, a program for a machine that can
 * call any function. This reader never calls anything. Strings, bytes that are
 * UTF-8, numbers, None, booleans, lists, tuples and dicts with text keys are
 * read, and uuid.UUID in exactly the form that Python writes; every other
 * global, call, state, extension or persistent id is refused. Protocols 2 to 5
 * (Python 3.11, Lib/pickle.py).
 */
#ifndef PICKLE_H
#define PICKLE_H

#include <stddef.h>

struct buf;

/* The first byte of a pickle of protocol 2 or later. */
enum { PICKLE_FIRST = 0x80 };

/*
 * Append the value of the pickle of n bytes as JSON of at most max bytes: a
 * tuple as an array, bytes as a string, a UUID as its text. 0, or -1 with
 * *why (static), and nothing appended.
 */
int pickle_to_json(
    const char *p, size_t n, size_t max, struct buf *out, const char **why);

#endif
