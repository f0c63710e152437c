/*
 * sentence - where sentences end
 *
 * Each language has its own marks and habits; what stays doubtful is CUT_STOP.
 */
#ifndef SENTENCE_H
#define SENTENCE_H

#include <stddef.h>

#include "text/cut_chars.h"
#include "text/cut_level.h"

/*
 * Where the next piece starts if one of the stops at i ends one, and its
 * level: a sentence, or what may be one. Else 0. *behind is behind them and
 * their closers; nothing else there ends a piece.
 */
size_t sentence_end(
    const struct cut_chars *s, size_t i, enum cut_level *level, size_t *behind);
/*
 * Where a word of Thai or Lao at i starts, with what opens in front of it, if
 * spaces behind from are in front of that; *level is that of the cut. Else 0.
 */
size_t sentence_thai_start(
    const struct cut_chars *s, size_t from, size_t i, enum cut_level *level);

#endif
