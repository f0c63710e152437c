/*
 * answer - a pipeline that answers "stored" for every document at once
 *
 * For measuring everything but the stages: it takes the id and the lease from
 * where pl-worker writes them, without parsing, and keeps the flush rule.
 */
#define _GNU_SOURCE /* memmem, memrchr */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IN = 1 << 20, ID = 36 };

static char in[IN];

/* The text after the key, or NULL. */
static const char *
after(const char *line, size_t n, const char *key)
{
	const char *at = memmem(line, n, key, strlen(key));

	return at ? at + strlen(key) : NULL;
}

static void
answer(const char *line, size_t n)
{
	const char *id = after(line, n, "\"id\":\"");
	const char *end = memrchr(line, '"', n), *lease;

	if (id == NULL || end == NULL)
		exit(1);
	lease = memrchr(line, '"', (size_t)(end - line));
	printf("{\"type\":\"stored\",\"document_id\":\"%.*s\","
	       "\"collection\":\"none\",\"chunks\":1,\"lease\":\"%.*s\"}\n",
	    ID, id, (int)(end - lease - 1), lease + 1);
}

int
main(void)
{
	size_t have = 0;
	ssize_t n;

	while ((n = read(STDIN_FILENO, in + have, IN - have)) > 0) {
		char *line = in, *end = in + have + n, *newline;

		while ((newline = memchr(line, '\n', (size_t)(end - line))) !=
		       NULL) {
			answer(line, (size_t)(newline - line));
			line = newline + 1;
		}
		have = (size_t)(end - line);
		memmove(in, line, have);
		if (have == IN || fflush(stdout) == EOF)
			return 1;
	}
	return n < 0;
}
