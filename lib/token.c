#include "token.h"

#include "utf8.h"

uint64_t
token_estimate(const char *text, size_t n)
{
	/* Bytes per token lie near 4 in ASCII, near 3 in other scripts. */
	size_t chars = utf8_count(text, n);
	size_t extra = n - chars;

	return chars * (TOKEN_UNIT / 4) + extra * (TOKEN_UNIT / 3);
}
