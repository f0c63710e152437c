#include "token.h"

size_t
token_estimate(size_t bytes, size_t chars)
{
	/* Bytes per token lie near 4 in ASCII, near 3 in other scripts. */
	return (chars * 66 + (bytes - chars) * 90 + 255) / 256;
}
