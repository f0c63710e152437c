/*
 * token_estimate - an estimate of the number of tokens, without a vocabulary
 *
 * Each byte has a weight by its class (letters, digits, blanks, line ends,
 * punctuation, the scripts) and the class of the byte before it. So an estimate
 * is a sum, and the estimate of a part is exactly a difference. Time is linear.
 * tests/bench/chunk shows the error of the estimate.
 */
#ifndef TOKEN_ESTIMATE_H
#define TOKEN_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

/* In 1/TOKEN_PARTS of a token, as if a line end were before the text. */
uint32_t token_estimate_text(const char *text, size_t n);
/* The estimate that text adds to a text that ends with the byte before. */
uint32_t token_estimate_go(char before, const char *text, size_t n);

#endif
