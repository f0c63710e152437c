/*
 * json_members - read the members of a JSON object without a tree
 *
 * For lines that consist mostly of one long string, such as documents. It is as
 * strict as record_in.h, or stricter: the caller gives a line that is wrong or
 * unusual in any way to record_in_parse, which also has the messages.
 */
#ifndef JSON_MEMBERS_H
#define JSON_MEMBERS_H

#include <stddef.h>

struct buf;

/* Keys and values borrow from the line and from the buffer unpacked. */
struct json_members_member {
	const char *key; /* ASCII, without escapes */
	size_t key_n;
	const char *s; /* an unpacked string with a NUL; or NULL */
	size_t n;
	const char *raw; /* the value as it stands in the line */
	size_t raw_n;	 /* a string is without its quotes */
	int same;	 /* json_string would write the string as raw */
};

struct json_members {
	const char *at, *end;
	struct buf *unpacked;
	int members; /* so far */
};

/*
 * Begin with a line of n bytes. Strings are unpacked into the buffer, which the
 * caller owns and does not change as long as members are used.
 */
void json_members_start(
    struct json_members *s, const char *line, size_t n, struct buf *unpacked);
/*
 * The next member: 1; 0 when the object and the line have ended correctly; or
 * -1 if the line must be parsed by record_in.h, whatever members were found
 * before.
 */
int json_members_next(struct json_members *s, struct json_members_member *m);

#endif
