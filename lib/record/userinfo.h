/*
 * userinfo - keep users and passwords in URLs out of records
 *
 * https://user:password@host/ names the page https://host/: the rest is a
 * secret that a crawler or an export has left there. Pure.
 */
#ifndef USERINFO_H
#define USERINFO_H

#include <stddef.h>

struct yyjson_val;

/*
 * The bytes of user, password and @ in a text that begins with a URL, and *at,
 * where they begin; 0 if there are none. A user without a password counts for
 * http and https, where it may be a token.
 */
size_t userinfo_find(const char *s, size_t n, size_t *at);
/*
 * Take them out of every string of the value that begins with a URL, but not of
 * the text of a document.
 */
void userinfo_drop(struct yyjson_val *value);

#endif
