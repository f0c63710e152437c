/*
 * json_members - the members of a JSON object, without a tree
 *
 * For lines that are nearly all one long string, such as documents. It is as
 * strict as record_in.h, or stricter: what is wrong or unusual in any way is
 * left to record_in_parse, which also has the words for it.
 */
#ifndef JSON_MEMBERS_H
#define JSON_MEMBERS_H

#include <stddef.h>

struct buf;

/* Names and values borrow from the line and from what it is unpacked to. */
struct json_members_member {
	const char *key; /* ASCII, without escapes */
	size_t key_n;
	const char *s; /* a string, unpacked, NUL behind; or NULL */
	size_t n;
	const char *raw; /* the value as it stands in the line */
	size_t raw_n;	 /* of a string without its quotes */
	int same;	 /* json_string would write it as it stands */
};

struct json_members {
	const char *at, *end;
	struct buf *unpacked;
	int members; /* so far */
};

/*
 * Begin with a line of n bytes. Strings are unpacked into the buffer, which
 * the caller owns and leaves alone as long as members are used.
 */
void json_members_start(
    struct json_members *s, const char *line, size_t n, struct buf *unpacked);
/*
 * The next member: 1; 0 when the object, and the line, ended as it should; or
 * -1 if it must be left to record_in.h, whatever members were found before.
 */
int json_members_next(struct json_members *s, struct json_members_member *m);

#endif
