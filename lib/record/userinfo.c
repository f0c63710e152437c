#include "record/userinfo.h"

#include <string.h>
#include <yyjson.h>

/* Bytes of the scheme and "://"; 0 if the text begins with none. */
static size_t
scheme_length(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n &&
	       ((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
		   (i > 0 && strchr("+-.0123456789", s[i]) && s[i])))
		i++;
	return i > 0 && n - i >= 3 && memcmp(s + i, "://", 3) == 0 ? i + 3 : 0;
}

size_t
userinfo_find(const char *s, size_t n, size_t *at)
{
	size_t start = scheme_length(s, n), end = 0;
	int has_password;

	if (start == 0)
		return 0;
	for (size_t i = start;
	     i < n && strchr("/?#\\ \t\r\n\"<>", s[i]) == NULL; i++)
		if (s[i] == '@')
			end = i + 1;
	has_password = end > 0 && memchr(s + start, ':', end - start) != NULL;
	if (!has_password && (s[0] | 0x20) != 'h')
		return 0;
	*at = start;
	return end > 0 ? end - start : 0;
}

static void
drop_from_string(yyjson_val *value)
{
	/* The text belongs to the document of the value. */
	char *s = (char *)yyjson_get_str(value);
	size_t n = yyjson_get_len(value), at, k = userinfo_find(s, n, &at);

	if (k == 0)
		return;
	memmove(s + k, s, at);
	yyjson_set_strn(value, s + k, n - k);
}

/* Whether the member holds text, or numbers without end. */
static int
is_left_out(yyjson_val *key)
{
	static const char *const keys[] = {"content", "markdown", "text",
	    "page_content", "html", "rawHtml", "embedding", NULL};

	for (size_t i = 0; keys[i] != NULL; i++)
		if (yyjson_equals_str(key, keys[i]))
			return 1;
	return 0;
}

void
userinfo_drop(yyjson_val *value)
{
	yyjson_arr_iter items;
	yyjson_obj_iter members;
	yyjson_val *v;

	if (yyjson_is_str(value))
		drop_from_string(value);
	yyjson_arr_iter_init(value, &items);
	while ((v = yyjson_arr_iter_next(&items)) != NULL)
		userinfo_drop(v);
	yyjson_obj_iter_init(value, &members);
	while ((v = yyjson_obj_iter_next(&members)) != NULL)
		if (!is_left_out(v))
			userinfo_drop(yyjson_obj_iter_get_val(v));
}
