/*
 * document_size - the length of a document's record, before it is written
 */
#ifndef DOCUMENT_SIZE_H
#define DOCUMENT_SIZE_H

#include <stddef.h>

struct document;

/*
 * Bytes of the line that document_put writes, without its newline; that of a
 * text that is no UTF-8 may be longer. Costs a look at each byte.
 */
size_t document_size(const struct document *d);

#endif
