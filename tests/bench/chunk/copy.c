/* copy - read records with yyjson and write them again: the floor of the
 * comparison. Does nothing else, in the simplest fast way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yyjson.h>

enum { BLOCK = 1 << 18 };

int
main(void)
{
	yyjson_alc *memory = yyjson_alc_dyn_new();
	size_t cap = 4 * BLOCK, have = 0;
	char *data = malloc(cap);
	ssize_t got;

	if (data == NULL || memory == NULL)
		return 1;
	while ((got = read(STDIN_FILENO, data + have, BLOCK)) > 0) {
		char *start = data, *end;

		have += (size_t)got;
		while ((end = memchr(start, '\n',
			    (size_t)(data + have - start))) != NULL) {
			yyjson_doc *doc = yyjson_read_opts(
			    start, (size_t)(end - start), 0, memory, NULL);
			size_t n;
			char *text =
			    yyjson_write_opts(doc, 0, memory, &n, NULL);

			if (text == NULL)
				return 1;
			fwrite(text, 1, n, stdout);
			putchar('\n');
			memory->free(memory->ctx, text);
			yyjson_doc_free(doc);
			start = end + 1;
		}
		have = (size_t)(data + have - start);
		memmove(data, start, have);
		if (cap - have < BLOCK) {
			cap *= 2;
			data = realloc(data, cap);
			if (data == NULL)
				return 1;
		}
	}
	return fclose(stdout) != 0;
}
