#include "base/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_TRY_AGAIN = 75 };

static _Noreturn void
out_of_memory(void)
{
	fputs("pl: out of memory\n", stderr);
	exit(EXIT_TRY_AGAIN);
}

void *
x_calloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
x_realloc(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		out_of_memory();
	n *= size;
	p = realloc(p, n ? n : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
x_grow(void *p, size_t used, size_t *cap, size_t size)
{
	enum { FIRST = 32 };

	if (used < *cap)
		return p;
	*cap = *cap ? 2 * *cap : FIRST;
	return x_realloc(p, *cap, size);
}

char *
x_strdup(const char *s)
{
	return s ? x_memdup(s, strlen(s)) : NULL;
}

char *
x_memdup(const void *p, size_t n)
{
	char *copy = x_realloc(NULL, n + 1, 1);

	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}
