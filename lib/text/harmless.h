/*
 * harmless - text from outside, made safe for a terminal
 *
 * A message, a url or a title may have characters that control a terminal
 * (escapes), break a line, or change the order in which a line is shown. Output
 * for people has none of them; records keep them, because records are exact.
 */
#ifndef HARMLESS_H
#define HARMLESS_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/*
 * Whether c must not reach a terminal: C0 (line ends and tabs too), DEL, C1,
 * the line and paragraph separators, the byte order mark, and the controls of
 * writing direction (UAX 9): U+061C, U+200E, U+200F, U+202A to U+202E and
 * U+2066 to U+2069.
 */
int harmless_is_control(uint32_t c);
/*
 * Append n bytes of s as UTF-8 with a blank for each control, and U+FFFD for
 * each byte that is not UTF-8.
 */
void harmless_put(struct buf *b, const char *s, size_t n);

#endif
