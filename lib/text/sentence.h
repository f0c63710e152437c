/*
 * sentence - where sentences end
 *
 * Each language has its own marks and habits. An end that is not certain is
 * CUT_STOP.
 */
#ifndef SENTENCE_H
#define SENTENCE_H

#include <stddef.h>

#include "text/cut_chars.h"
#include "text/cut_level.h"

/*
 * If one of the stops at i ends a piece: the start of the next piece, and
 * *level, CUT_SENTENCE or CUT_STOP. Else 0. *behind is the offset behind the
 * stops and the quotes and brackets that close there; no other piece ends
 * before it.
 */
size_t sentence_end(
    const struct cut_chars *s, size_t i, enum cut_level *level, size_t *behind);
/*
 * If spaces behind from are before the word of Thai or Lao at i: the start of
 * the word, with a quote or bracket that opens it, and *level, the level of a
 * cut there. Else 0.
 */
size_t sentence_thai_start(
    const struct cut_chars *s, size_t from, size_t i, enum cut_level *level);

#endif
