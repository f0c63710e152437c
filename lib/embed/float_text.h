/*
 * float_text - the shortest decimal of a float32
 *
 * It reads back to the same float32, whether the reader goes through double or
 * not.
 */
#ifndef FLOAT_TEXT_H
#define FLOAT_TEXT_H

#include <stddef.h>

enum { FLOAT_TEXT_MAX = 24 /* room for one number */ };

/* Write f, which must be finite. Returns the length; there is no NUL. */
size_t float_text(float f, char out[static FLOAT_TEXT_MAX]);

#endif
