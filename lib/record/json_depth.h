/*
 * json_depth - how deep JSON text is nested, before it is parsed
 *
 * A parser's tree takes sixteen bytes for a bracket, so 20 MB of "[" from
 * outside would take hundreds of MB. This check takes no memory.
 */
#ifndef JSON_DEPTH_H
#define JSON_DEPTH_H

#include <stddef.h>

enum { JSON_DEPTH_MAX = 512 }; /* more could overflow Postgres' stack */

/*
 * Whether the text is nested deeper than JSON_DEPTH_MAX levels. If the text is
 * not JSON, the result has no meaning.
 */
int json_depth_is_over(const char *text, size_t n);

#endif
