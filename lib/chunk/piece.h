/*
 * piece - the pieces that chunks are made of
 *
 * A text becomes a row of pieces, each at most the limit, with the kind of cut
 * in front of each. Blocks that fit are one piece or a part of one; larger
 * ones are cut at their own best places. Pieces hold every byte of the text
 * that is not white space or a byte order mark in front, in order, once.
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
