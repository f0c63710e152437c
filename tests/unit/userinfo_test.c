#include <stdio.h>
#include <string.h>
#include <yyjson.h>

#include "record/record.h"
#include "tap.h"

static const struct {
	const char *in, *out;
} cases[] = {
    {"https://u:p@h.example/a", "https://h.example/a"},
    {"https://token@h.example", "https://h.example"},
    {"HTTP://u:p%40x@h:80/?q=a@b", "HTTP://h:80/?q=a@b"},
    {"http://u:p@x@h/", "http://h/"},
    {"ftp://u:p@h/f", "ftp://h/f"},
    {"ssh://git@h/repository", "ssh://git@h/repository"},
    {"https://h/@user", "https://h/@user"},
    {"https://h?mail=a@b", "https://h?mail=a@b"},
    {"https://h a@b", "https://h a@b"},
    {"mail@h.example", "mail@h.example"},
    {"https:\\/\\/u:p\\u0040h\\/a", "https://h/a"},
    {"://u:p@h", "://u:p@h"},
    {"", ""},
};

/* The string at pointer, of the record with the case's text in each place. */
static void
check(const char *start, const char *end, const char *pointer, size_t i,
    int is_kept)
{
	char line[512];
	size_t repaired, repaired_at, at;
	const char *why, *got;
	yyjson_doc *doc;

	snprintf(line, sizeof(line), "%s%s%s", start, cases[i].in, end);
	doc = record_parse(
	    line, strlen(line), &repaired, &repaired_at, &why, &at);
	got = yyjson_get_str(yyjson_doc_ptr_get(doc, pointer));
	tap(got != NULL && (is_kept ? strstr(cases[i].in, "\\") != NULL ||
					  strcmp(got, cases[i].in) == 0
				    : strcmp(got, cases[i].out) == 0),
	    "%s: case %zu", pointer, i);
	yyjson_doc_free(doc);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		check("{\"url\":\"", "\"}", "/url", i, 0);
		check("{\"metadata\":{\"a\":[1,{\"b\":\"", "\"}]}}",
		    "/metadata/a/1/b", i, 0);
		check("{\"content\":\"", "\"}", "/content", i, 1);
	}
	return tap_done();
}
