#include "store/pipeline_text.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"

/* Characters of the name of a variable, of an option, of a secret. */
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define NAME LETTERS "0123456789_"
#define WORD NAME "-"

/* What separates words, and what stands around the value of one. */
#define BLANKS " \t\n"
#define AROUND "\"'\\"
#define ENDS BLANKS "|;&()"

static int
is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Whether no character of set stands before s in text. */
static int
begins(const char *text, const char *s, const char *set)
{
	return s == text || !is_in(s[-1], set);
}

/* Whether a value begins at s that is no variable, and not empty. */
static int
is_literal(const char *s)
{
	s += strspn(s, AROUND);
	return *s != '\0' && !is_in(*s, "$`" ENDS);
}

/* Secrets. */

/* A key that is known by its beginning. */
static int
is_key(const char *text, const char *s)
{
	static const char *const known[] = {
	    "sk-", "fc-", "hf_", "ghp_", "glpat-", "xoxb-", "AKIA", "AIza"};
	enum { SHORTEST = 8 };

	if (!begins(text, s, WORD))
		return 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t n = strlen(known[i]);

		if (strncmp(s, known[i], n) == 0)
			return strspn(s + n, WORD) >= SHORTEST;
	}
	return 0;
}

static int
is_bearer(const char *text, const char *s)
{
	size_t n = strlen("bearer");

	return begins(text, s, WORD) && strncasecmp(s, "bearer", n) == 0 &&
	       is_in(s[n], BLANKS) && is_literal(s + n + strspn(s + n, BLANKS));
}

/* An option whose value is a secret. */
static int
is_option(const char *text, const char *s)
{
	static const char *const names[] = {
	    "api-key", "apikey", "api_key", "token", "password", "secret"};
	size_t n;

	if (strncmp(s, "--", 2) != 0 || !begins(text, s, WORD))
		return 0;
	s += 2;
	n = strspn(s, WORD);
	if (s[n] != '=' && !is_in(s[n], BLANKS))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == n && strncasecmp(s, names[i], n) == 0)
			return is_literal(
			    s + n + 1 + strspn(s + n + 1, BLANKS));
	return 0;
}

/*
 * Whether a name of n bytes ends in KEY, TOKEN, SECRET or PASSWORD; in small
 * letters, as a word of its own.
 */
static int
names_secret(const char *s, size_t n)
{
	static const char *const last[] = {
	    "KEY", "TOKEN", "SECRET", "PASSWORD"};

	for (size_t i = 0; i < sizeof(last) / sizeof(*last); i++) {
		size_t k = strlen(last[i]);

		if (n < k || strncasecmp(s + n - k, last[i], k) != 0)
			continue;
		if (n == k || s[n - k - 1] == '_' ||
		    strncmp(s + n - k, last[i], k) == 0)
			return 1;
	}
	return 0;
}

static int
is_assignment(const char *text, const char *s)
{
	size_t n = strspn(s, NAME);

	return n > 0 && s[n] == '=' && begins(text, s, WORD "$.") &&
	       names_secret(s, n) && is_literal(s + n + 1);
}

/* user:password@ of a URL; s is at "://". */
static int
is_url(const char *text, const char *s)
{
	size_t n;

	(void)text;
	if (strncmp(s, "://", 3) != 0)
		return 0;
	s += 3;
	n = strcspn(s, ":/@" AROUND ENDS);
	if (s[n] != ':')
		return 0;
	s += n + 1;
	n = strcspn(s, "/@" AROUND ENDS);
	return n > 0 && s[n] == '@' && is_literal(s);
}

const char *
pipeline_text_secret(const char *text)
{
	static const struct {
		int (*is)(const char *text, const char *s);
		const char *what;
	} kinds[] = {{is_key, "a key"}, {is_bearer, "a key behind 'Bearer'"},
	    {is_option, "an option with a secret"},
	    {is_assignment, "a variable with a secret"},
	    {is_url, "a password in a URL"}};

	for (const char *s = text; *s != '\0'; s++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (kinds[i].is(text, s))
				return kinds[i].what;
	return NULL;
}

/* pl-store and its collection. */

/* The next pl-store, from s on: what stands behind its name; or NULL. */
static const char *
find_store(const char *text, const char *s)
{
	size_t n = strlen("pl-store");

	for (; (s = strstr(s, "pl-store")) != NULL; s += n)
		if (begins(text, s, WORD ".") && !is_in(s[n], WORD "./="))
			return s + n;
	return NULL;
}

int
pipeline_text_stores(const char *text)
{
	return find_store(text, text) != NULL;
}

/* A copy of the value at s without quotes, or NULL if there is none. */
static char *
copy_value(const char *s)
{
	size_t n;

	s += strspn(s, AROUND);
	n = strcspn(s, AROUND ENDS);
	return n > 0 ? x_memdup(s, n) : NULL;
}

/* Whether s is "--collection", which may be shortened, with a value behind. */
static int
is_collection(const char *s, size_t n)
{
	enum { SHORTEST = 3 };

	return n >= SHORTEST && n <= strlen("--collection") &&
	       strncmp(s, "--collection", n) == 0 &&
	       (s[n] == '=' || is_in(s[n], BLANKS));
}

/* The value of --collection among the words from s to the command's end. */
static char *
named_by_option(const char *s)
{
	for (; *s != '\0' && !is_in(*s, "|;&()\n"); s++) {
		size_t n = strspn(s, WORD);

		if (is_collection(s, n))
			return copy_value(
			    s + n + 1 + strspn(s + n + 1, BLANKS));
		s += n > 0 ? n - 1 : 0;
	}
	return NULL;
}

char *
pipeline_text_collection(const char *text)
{
	const char *s = text;
	char *name = NULL;

	while (name == NULL && (s = find_store(text, s)) != NULL)
		name = named_by_option(s);
	for (s = text;
	     name == NULL && (s = strstr(s, "PL_COLLECTION=")) != NULL; s++)
		if (begins(text, s, WORD "$"))
			name = copy_value(s + strlen("PL_COLLECTION="));
	return name;
}
