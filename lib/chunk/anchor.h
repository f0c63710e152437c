/*
 * anchor - where a chunk begins whatever stands elsewhere in the text
 *
 * What is an anchor depends on the text around it only, so that an edit moves
 * no chunk behind the next anchor.
 */
#ifndef ANCHOR_H
#define ANCHOR_H

#include <stddef.h>

struct chunker;

/*
 * Make anchors of the headings where a long section starts, and of those where
 * one ends, unless what would stand alone there is too small.
 */
void anchor_set_sections(struct chunker *c);
/*
 * Make anchors inside the long section of pieces [first, end): pieces whose
 * rank is the lowest far and wide.
 */
void anchor_part_section(struct chunker *c, size_t first, size_t end);

#endif
