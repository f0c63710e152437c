/*
 * piece - the pieces that chunks are made of
 *
 * A text becomes a sequence of pieces of at most the limit. Each piece has the
 * kind of cut before it. A block that fits is one piece or a part of one; a
 * larger block is cut at its best places. Pieces hold every byte of the text
 * that is not white space or a byte order mark before the text, in order, once.
 */
#ifndef PIECE_H
#define PIECE_H

#include "chunk/piece_list.h"

/*
 * Fill p, in which plain, limit, least, at.unit and at.counter are set, with
 * the pieces of a text, which is borrowed.
 */
void piece_read(struct pieces *p, const char *text, size_t n, const char *title,
    size_t title_n);
void piece_free(struct pieces *p);

#endif
