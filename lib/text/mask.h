/*
 * mask - hide secrets in a text that a server wrote
 *
 * Hide before a text is cut, or the first half of a secret may stay. Pure.
 */
#ifndef MASK_H
#define MASK_H

#include <stddef.h>

struct buf;

enum { MASK_PIECE = 8 }; /* bytes; a shorter piece tells too little */

/*
 * Append n bytes of s, with *** for each piece of MASK_PIECE bytes or more of
 * one of the secrets. NULL ends the secrets; secrets may be NULL.
 */
void mask_add(
    struct buf *out, const char *s, size_t n, const char *const *secrets);
/* Hide in place, in a text of at most size bytes with its NUL. */
void mask_text(char *text, size_t size, const char *const *secrets);

#endif
