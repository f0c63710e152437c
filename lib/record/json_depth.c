#include "record/json_depth.h"

#include <string.h>

/* The place behind the string that begins at p, or end. */
static const char *
skip_string(const char *p, const char *end)
{
	const char *begin = ++p;

	while ((p = memchr(p, '"', (size_t)(end - p))) != NULL) {
		const char *slash = p;

		while (slash > begin && slash[-1] == '\\')
			slash--;
		p++;
		if ((p - 1 - slash) % 2 == 0)
			return p;
	}
	return end;
}

int
json_depth_is_over(const char *text, size_t n)
{
	const char *p = text, *end = text + n;
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '[' || *p == '{') {
			if (++depth > JSON_DEPTH_MAX)
				return 1;
		} else if ((*p == ']' || *p == '}') && depth > 0) {
			depth--;
		}
		p++;
	}
	return 0;
}
