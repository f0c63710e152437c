/*
 * alloc - allocation that cannot fail
 *
 * Out of memory is fatal here and nowhere else: the process prints one line
 * and exits 75, because another run on a less busy machine may succeed.
 */
#ifndef ALLOC_H
#define ALLOC_H

#include <stddef.h>

/* Zeroed memory of n * size bytes; the caller frees it. */
void *x_calloc(size_t n, size_t size);
/* Resize p to n * size bytes; an overflow of the product is fatal too. */
void *x_realloc(void *p, size_t n, size_t size);
/*
 * Make room for one more element behind the used ones of size bytes each.
 * Returns p or its new place, and updates *cap.
 */
void *x_grow(void *p, size_t used, size_t *cap, size_t size);
/* A copy of the string s; the caller frees it. NULL gives NULL. */
char *x_strdup(const char *s);
/* A NUL-terminated copy of n bytes; the caller frees it. */
char *x_memdup(const void *p, size_t n);

#endif
