#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "tool/secret.h"

static const struct {
	const char *value, *file, *expected; /* NULL: not there */
} cases[] = {
    {NULL, NULL, NULL},
    {"", NULL, NULL},
    {"a", NULL, "a"},
    {"a", "b\n", "a"},
    {"", "b\n", "b"},
    {NULL, "b", "b"},
    {NULL, "b c \r\nsecond\n", "b c "},
};

static void
set(const char *name, const char *value)
{
	if (value != NULL)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

int
main(void)
{
	char path[] = "/tmp/secret_test.XXXXXX";
	int fd = mkstemp(path);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		FILE *f = fopen(path, "w");
		const char *got;

		if (f != NULL && cases[i].file != NULL)
			fputs(cases[i].file, f);
		if (f != NULL)
			fclose(f);
		set("PL_TRIED", cases[i].value);
		set("PL_TRIED_FILE", cases[i].file ? path : NULL);
		got = secret_env("PL_TRIED");
		tap(cases[i].expected == NULL
			? got == NULL
			: got != NULL && strcmp(got, cases[i].expected) == 0,
		    "case %zu", i);
	}
	close(fd);
	unlink(path);
	return tap_done();
}
