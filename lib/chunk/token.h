/*
 * token - how many tokens a text has
 *
 * Exactly, by a vocabulary of byte-level BPE in OpenAI's .tiktoken form, or
 * estimated. Strings such as <|endoftext|> are plain text. Time is linear in
 * the text, whatever the text, but for a logarithm on words without end.
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stddef.h>
#include <stdint.h>

/* A vocabulary: read once, then only looked at. */
struct token_vocabulary;

/*
 * The n bytes of a .tiktoken file: lines of a token in base64 and its rank,
 * which are the same as those of cl100k_base (100,256 tokens) or o200k_base
 * (199,998), or similar in number: this decides how text is cut into words.
 * NULL with *why (static).
 */
struct token_vocabulary *token_read(
    const char *file, size_t n, const char **why);
void token_vocabulary_free(struct token_vocabulary *v);

/* Counts, and remembers words it counted; one per thread. */
struct token_counter;

struct token_counter *token_counter_new(const struct token_vocabulary *v);
void token_counter_free(struct token_counter *c);
/* Tokens of n bytes of valid UTF-8. */
size_t token_count(struct token_counter *c, const char *text, size_t n);
/*
 * Where the word at i ends: the piece that the vocabulary's pattern cuts
 * there, before tokens are looked for. i < n.
 */
size_t token_word(
    const struct token_counter *c, const char *text, size_t n, size_t i);
/* Tokens of one such word. */
size_t token_count_word(struct token_counter *c, const char *word, size_t n);

/*
 * An estimate for vocabularies of 100,000 tokens and more in
 * 1/TOKEN_PARTS of a token, from the numbers of bytes and code points: those
 * of more than one byte need more tokens.
 */
enum { TOKEN_PARTS = 256 };

static inline uint32_t
token_estimate(size_t bytes, size_t chars)
{
	/* Bytes per token lie near 4 in ASCII, near 3 in other scripts. */
	return (uint32_t)(chars * 66 + (bytes - chars) * 90);
}

#endif
