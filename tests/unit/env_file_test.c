#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tap.h"
#include "tool/env_file.h"

static void
lines(void)
{
	/* name NULL: the line says nothing; value NULL: it is refused. */
	static const struct {
		const char *line, *name, *value;
	} cases[] = {{"", NULL, ""}, {" \t\n", NULL, ""},
	    {"# PL_QUEUE=a\n", NULL, ""}, {"  # x", NULL, ""},
	    {"PL_QUEUE=a\n", "PL_QUEUE", "a"},
	    {"  PL_QUEUE=a  \r\n", "PL_QUEUE", "a"},
	    {"PL_QUEUE=\n", "PL_QUEUE", ""},
	    {"PL_QUEUE='a b'\n", "PL_QUEUE", "a b"},
	    {"PL_QUEUE=\"a'b\"\n", "PL_QUEUE", "a'b"},
	    {"PL_QUEUE='\n", "PL_QUEUE", "'"},
	    {"PL_QUEUE=a=b#c\n", "PL_QUEUE", "a=b#c"},
	    {"OPENAI_API_KEY=$(id)\n", "OPENAI_API_KEY", "$(id)"},
	    {"DATABASE_URL=x", "DATABASE_URL", "x"},
	    {"PGHOST=/run", "PGHOST", "/run"},
	    {"FIRECRAWL_API_URL=http://h", "FIRECRAWL_API_URL", "http://h"},
	    {"PL_QUEUE", "", NULL}, {"=a", "", NULL}, {"pl_queue=a", "", NULL},
	    {"export PL_QUEUE=a", "", NULL}, {"PL_QUEUE =a", "", NULL},
	    {"PATH=/tmp", "", NULL}, {"LD_PRELOAD=/tmp/x.so", "", NULL}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *line = x_strdup(cases[i].line);
		const char *name = NULL, *value = NULL, *why = NULL;
		int got = env_file_line(line, &name, &value, &why);

		if (cases[i].name == NULL)
			tap(got == 0, "case %zu says nothing", i);
		else if (cases[i].value == NULL)
			tap(got == -1 && why != NULL, "case %zu is refused", i);
		else
			tap(got == 1 && strcmp(name, cases[i].name) == 0 &&
				strcmp(value, cases[i].value) == 0,
			    "case %zu is '%s'", i, cases[i].value);
		free(line);
	}
}

static void
secrets(void)
{
	static const struct {
		const char *name, *value;
		int is_secret;
	} cases[] = {{"OPENAI_API_KEY", "x", 1}, {"PL_NOTIFY_SECRET", "x", 1},
	    {"PGPASSWORD", "x", 1}, {"OPENAI_API_KEY_FILE", "/x", 0},
	    {"PL_QUEUE", "x", 0},
	    {"PL_DATABASE_URL", "postgresql://u:p@h/d", 1},
	    {"PL_DATABASE_URL", "postgresql://u@h:5432/d", 0},
	    {"PL_DATABASE_URL", "postgresql://h/d?password=p", 1},
	    {"PL_DATABASE_URL", "host=h password='p'", 1},
	    {"PL_REDIS_URL", "redis://:p@h", 1},
	    {"PL_REDIS_URL", "redis://h:6379/0", 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		tap(env_file_is_secret(cases[i].name, cases[i].value) ==
			cases[i].is_secret,
		    "%s=%s is%s a secret", cases[i].name, cases[i].value,
		    cases[i].is_secret ? "" : " not");
}

int
main(void)
{
	lines();
	secrets();
	return tap_done();
}
