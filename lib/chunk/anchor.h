/*
 * anchor - places where a chunk always begins
 *
 * An anchor depends only on the text around it, so that an edit moves no chunk
 * behind the next anchor.
 */
#ifndef ANCHOR_H
#define ANCHOR_H

#include <stddef.h>

struct chunker;

/*
 * Make anchors of the headings where a long section starts or ends, unless the
 * text between two anchors would be too small.
 */
void anchor_set_sections(struct chunker *c);
/*
 * Make anchors inside the long section of pieces [first, end): the pieces whose
 * rank is the lowest within a range.
 */
void anchor_part_section(struct chunker *c, size_t first, size_t end);

#endif
