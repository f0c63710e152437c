/*
 * float_text - write a float32 as the shortest decimal
 *
 * A reader gets the same float32, whether it parses through double or not.
 */
#ifndef FLOAT_TEXT_H
#define FLOAT_TEXT_H

#include <stddef.h>

enum { FLOAT_TEXT_MAX = 24 /* room for one number */ };

/* Write f, which must be finite. Returns the length; there is no NUL. */
size_t float_text(float f, char out[static FLOAT_TEXT_MAX]);

#endif
