/*
 * listing_record - the record behind the documents of a source (pl-record(5))
 *
 * Only a listing that is complete says that a source has no other documents.
 */
#ifndef LISTING_RECORD_H
#define LISTING_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct record_out;
struct yyjson_val;

struct listing_record {
	const char *source; /* its name, borrowed; NULL: not a string */
	size_t source_len;
	int is_complete;   /* everything was read */
	int64_t documents; /* of that source in the listing; -1: not known */
};

/* Write one. 0, or -1 with errno. */
int listing_record_put(
    struct record_out *out, const struct listing_record *listing);
/* Read one. What is missing or has a wrong type makes it incomplete. */
struct listing_record listing_record_get(struct yyjson_val *root);

#endif
