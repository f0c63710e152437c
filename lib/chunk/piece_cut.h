/*
 * piece_cut - blocks over the limit, cut at their own best places
 *
 * Each function adds text[from, to) of block to the pieces; cut is the kind of
 * cut before this text.
 */
#ifndef PIECE_CUT_H
#define PIECE_CUT_H

#include "chunk/piece_list.h"

/* Running text, in pieces of at most room, by sentences, clauses or words. */
void piece_cut_text(struct pieces *p, uint32_t from, uint32_t to,
    uint32_t block, enum chunk_cut cut, uint32_t room);
/* Lines, for example of code. */
void piece_cut_lines(struct pieces *p, uint32_t from, uint32_t to,
    uint32_t block, enum chunk_cut cut);
/* A table, by its rows. */
void piece_cut_table(struct pieces *p, uint32_t from, uint32_t to,
    uint32_t block, enum chunk_cut cut);

#endif
