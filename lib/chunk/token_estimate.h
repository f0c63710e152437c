/*
 * token_estimate - about how many tokens a text has, without a vocabulary
 *
 * Each byte has a weight by its class (letters, digits, blanks, line ends,
 * punctuation, the scripts) and that of the byte before it. So an estimate is
 * a sum, and that of a part is a difference: exactly, and in linear time.
 * tests/bench/chunk says how far off it is.
 */
#ifndef TOKEN_ESTIMATE_H
#define TOKEN_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

/* In 1/TOKEN_PARTS of a token; a text begins as if behind a line end. */
uint32_t token_estimate_text(const char *text, size_t n);
/* What text adds to one that ends with the byte before. */
uint32_t token_estimate_go(char before, const char *text, size_t n);

#endif
