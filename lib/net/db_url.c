#include "net/db_url.h"

#include <string.h>

#include "base/buf.h"
#include "text/mask.h"

static const char not_a_url[] = "the url does not begin with postgresql://";

/*
 * libpq takes the first @ before the first / for the end of the password. A
 * later @ was meant to be that end.
 */
static int
has_bad_user(const char *rest)
{
	size_t n = strcspn(rest, "@/");

	if (rest[n] == '@')
		rest += n + 1;
	return memchr(rest, '@', strcspn(rest, "?")) != NULL;
}

int
db_url_check(const char *url, const char **why)
{
	const char *slashes = strstr(url, "://"), *equals = strchr(url, '=');

	*why = not_a_url;
	if (slashes == NULL || (equals != NULL && equals < slashes))
		/* Not of the form key=value, so the name of a database. */
		return equals == NULL && strpbrk(url, ":@/") != NULL ? -1 : 0;
	if (strncmp(url, "postgres://", 11) != 0 &&
	    strncmp(url, "postgresql://", 13) != 0)
		return -1;
	*why = "the user or password in the url holds a character that "
	       "has to be encoded: write @ as %40, / as %2F, : as %3A";
	return has_bad_user(slashes + 3) ? -1 : 0;
}

const char *
db_url_complaint(const char *message)
{
	static const struct {
		const char *part, *words;
	} table[] = {{"%00", "a %00 cannot be in it"},
	    {"percent-encoded", "a % in it is not followed by two hexadecimal "
				"digits: write % as %25"},
	    {"missing \"=\"", "a word in it is not of the form key=value: "
			      "values with spaces have quotes, as in "
			      "password='a b'"},
	    {"unterminated", "a quote in it is not closed"},
	    {"connection option", "it has a key that libpq does not know"},
	    {"separator", "what follows the ? is not of the form key=value"},
	    {"query parameter", "behind the ? is a key that libpq does not "
				"know"},
	    {"IPv6", "a [ or ] of an IPv6 address is missing"}};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (strstr(message, table[i].part) != NULL)
			return table[i].words;
	return "it is not of the form "
	       "postgresql://USER:PASSWORD@HOST:PORT/DATABASE";
}

void
db_url_add_message(struct buf *out, const char *message, const char *password)
{
	static const char key[] = "password=";
	const char *secrets[] = {password, NULL};
	struct buf masked = {0};
	const char *from, *at;

	mask_add(&masked, message, strlen(message), secrets);
	for (from = masked.data ? masked.data : "";
	     (at = strstr(from, key)) != NULL;) {
		at += sizeof(key) - 1;
		buf_add(out, from, (size_t)(at - from));
		buf_puts(out, "***");
		/* Up to the end of the line, as a value may hold anything. */
		from = at + strcspn(at, "\n");
	}
	buf_puts(out, from);
	buf_free(&masked);
}
