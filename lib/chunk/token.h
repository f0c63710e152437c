/*
 * token - the number of tokens of a text
 *
 * The number is exact with a vocabulary of byte-level BPE in OpenAI's .tiktoken
 * format, else an estimate. Strings such as <|endoftext|> are plain text. Time
 * is linear in any text, with a logarithmic factor for very long words.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stddef.h>
#include <stdint.h>

/* A vocabulary: constant after it was read. */
struct token_vocabulary;

/*
 * Read the n bytes of a .tiktoken file: each line has a token in base64 and its
 * rank. The number of tokens decides how text is cut into words: from 150,000
 * on as in o200k_base (199,998 tokens), else as in cl100k_base (100,256). NULL
 * with *why (static) on failure.
 */
struct token_vocabulary *token_read(
    const char *file, size_t n, const char **why);
void token_vocabulary_free(struct token_vocabulary *v);

/* A counter, with a cache of words; one per thread. */
struct token_counter;

struct token_counter *token_counter_new(const struct token_vocabulary *v);
void token_counter_free(struct token_counter *c);
/* The number of tokens of n bytes of valid UTF-8. */
size_t token_count(struct token_counter *c, const char *text, size_t n);
/*
 * The end of the word at i < n. A word is a match of the vocabulary's pattern;
 * tokens are parts of words.
 */
size_t token_word(
    const struct token_counter *c, const char *text, size_t n, size_t i);
/* The number of tokens of a word. */
size_t token_count_word(struct token_counter *c, const char *word, size_t n);

/*
 * An estimate for vocabularies of 100,000 tokens and more, in 1/TOKEN_PARTS of
 * a token, from the numbers of bytes and code points: a code point of more than
 * one byte needs more tokens.
 */
enum { TOKEN_PARTS = 256 };

static inline uint32_t
token_estimate(size_t bytes, size_t chars)
{
	/* A token has about 4 bytes in ASCII, about 3 in other scripts. */
	return (uint32_t)(chars * 66 + (bytes - chars) * 90);
}

#endif
