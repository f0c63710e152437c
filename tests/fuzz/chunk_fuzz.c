/*
 * chunk: the first bytes choose the options, the rest gives the text
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/chunk_check.h"
#include "../unit/token_vocabulary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct token_vocabulary *vocabulary;
	struct chunk_options o = {0};
	struct chunker *c;
	struct buf text = {0};
	const char *wrong;
	size_t first;

	if (n < 4)
		return 0;
	o.unit = data[0] & 1 ? CHUNK_CHARS : CHUNK_BYTES;
	o.plain = data[0] >> 1 & 1;
	if (data[0] & 64)
		o.unit = CHUNK_TOKENS;
	if (data[0] & 128 && vocabulary == NULL)
		vocabulary = make_vocabulary(44);
	if (data[0] & 128)
		o.vocabulary = vocabulary;
	o.max = (size_t)CHUNK_MAX_LEAST + data[1] + (data[0] & 4 ? 512 : 0);
	o.overlap = data[0] & 32 ? data[2] % (o.max / 2) : 0;
	o.target = data[0] & 8 ? 1 + data[2] % o.max : 0;
	if (data[3] & 1)
		chunk_text_of(&text, data + 4, n - 4);
	else
		utf8_repair(&text, (const char *)data + 4, n - 4, &first);
	c = chunk_new(&o);
	wrong = chunk_check(c, &o, text.data ? text.data : "", text.len,
	    data[0] & 16 ? "A title" : NULL);
	if (wrong != NULL) {
		fprintf(stderr, "%s\n", wrong);
		abort();
	}
	chunk_free(c);
	buf_free(&text);
	return 0;
}
