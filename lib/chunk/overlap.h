/*
 * overlap - the text that a chunk repeats from the chunk before
 */
#ifndef OVERLAP_H
#define OVERLAP_H

#include <stddef.h>

struct chunker;

/*
 * Let chunk i begin earlier, as far as it may and room is left: with a whole
 * sentence, line or row, and not before another heading.
 */
void overlap_before(struct chunker *c, size_t i);

#endif
