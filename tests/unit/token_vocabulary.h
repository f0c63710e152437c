/* token_vocabulary - a made-up vocabulary in .tiktoken form, for tests */
#ifndef TOKEN_VOCABULARY_H
#define TOKEN_VOCABULARY_H

#include <stdint.h>

#include "base/buf.h"
#include "chunk/token.h"

static void
add_token(struct buf *b, const unsigned char *s, size_t n, unsigned *rank)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)s[i] << 16;

		v |= i + 1 < n ? (uint32_t)s[i + 1] << 8 : 0;
		v |= i + 2 < n ? s[i + 2] : 0;
		buf_putc(b, digits[v >> 18]);
		buf_putc(b, digits[v >> 12 & 63]);
		buf_putc(b, i + 1 < n ? digits[v >> 6 & 63] : '=');
		buf_putc(b, i + 2 < n ? digits[v & 63] : '=');
	}
	buf_printf(b, " %u\n", (*rank)++);
}

/*
 * All bytes, then all pairs in an arbitrary order, then triples: of few letters
 * (cl100k's number of tokens) or of many (o200k's).
 */
static void
write_vocabulary(struct buf *b, unsigned letters)
{
	unsigned rank = 0;
	unsigned char s[3];

	for (unsigned i = 0; i < 256; i++) {
		s[0] = (unsigned char)i;
		add_token(b, s, 1, &rank);
	}
	for (unsigned i = 0; i < 65536; i++) {
		unsigned k = i * 40503u & 65535;

		s[0] = (unsigned char)(k >> 8);
		s[1] = (unsigned char)k;
		add_token(b, s, 2, &rank);
	}
	for (unsigned i = 0; i < letters * letters * letters; i++) {
		s[0] = (unsigned char)('a' + i % letters);
		s[1] = (unsigned char)('a' + i / letters % letters);
		s[2] = (unsigned char)('a' + i / letters / letters);
		add_token(b, s, 3, &rank);
	}
}

static struct token_vocabulary *
make_vocabulary(unsigned letters)
{
	struct buf b = {0};
	struct token_vocabulary *v;
	const char *why;

	write_vocabulary(&b, letters);
	v = token_read(b.data, b.len, &why);
	buf_free(&b);
	return v;
}

#endif
