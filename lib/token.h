/*
 * token - how many tokens a text has
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stddef.h>
#include <stdint.h>

/*
 * An estimate for byte-level BPE vocabularies of about 100,000 entries, by
 * class of character, in 1/TOKEN_UNIT of a token. Additive: the estimate of a
 * text is the sum of those of its parts, cut anywhere between characters but
 * for words that the cut parts.
 */
enum { TOKEN_UNIT = 256 };

uint64_t token_estimate(const char *text, size_t n);

#endif
