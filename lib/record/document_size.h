/*
 * document_size - the size of a document's record, before it is written
 */
#ifndef DOCUMENT_SIZE_H
#define DOCUMENT_SIZE_H

#include <stddef.h>

struct document;

/*
 * Bytes of the line that document_put writes, without its newline. The line may
 * be longer if a text is not UTF-8. The function reads each byte.
 */
size_t document_size(const struct document *d);

#endif
