#include "collection.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"

/* The end of the word at s; blanks and the shell's separators end it. */
static const char *
word_end(const char *s)
{
	return s + strcspn(s, " \t\n|;&<>()");
}

static const char *
skip_blanks(const char *s)
{
	return s + strspn(s, " \t\n");
}

/* Whether the word is pl-store, perhaps with a path. */
static int
is_pl_store(const char *word, const char *end)
{
	static const char name[] = "pl-store";
	size_t n = sizeof(name) - 1;

	return (size_t)(end - word) >= n && memcmp(end - n, name, n) == 0 &&
	       (end - n == word || end[-(ptrdiff_t)n - 1] == '/');
}

/* Copy a word without quotes. */
static char *
unquoted(const char *word, const char *end)
{
	char *out = x_memdup(word, (size_t)(end - word));
	size_t n = 0;

	for (const char *c = out; *c != '\0'; c++)
		if (*c != '"' && *c != '\'')
			out[n++] = *c;
	out[n] = '\0';
	return out;
}

/* The option's argument among the words up to the end of the command. */
static char *
find_option(const char *s)
{
	static const char option[] = "--collection";
	size_t n = sizeof(option) - 1;

	for (s = skip_blanks(s); *s != '\0' && strchr("|;&)", *s) == NULL;
	     s = skip_blanks(s)) {
		const char *end = word_end(s);

		if (end == s)
			end++; /* < or > */
		if (strncmp(s, option, n) == 0 && s[n] == '=')
			return unquoted(s + n + 1, end);
		if ((size_t)(end - s) == n && strncmp(s, option, n) == 0) {
			s = skip_blanks(end);
			return unquoted(s, word_end(s));
		}
		s = end;
	}
	return NULL;
}

char *
worker_collection_of(const char *pipeline)
{
	const char *s = pipeline;

	while (*s != '\0') {
		const char *end = word_end(s);

		if (end > s && is_pl_store(s, end)) {
			char *found = find_option(end);

			if (found != NULL)
				return found;
		}
		s = end > s ? end : s + 1;
	}
	return NULL;
}
