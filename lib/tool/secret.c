#include "tool/secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "tool/cli.h"

enum { SECRET_MAX = 8192 /* bytes */ };

/* Append the first line of a file, or of a pipe. 0, or -1 with errno. */
static int
read_line(const char *path, struct buf *line)
{
	FILE *f = fopen(path, "re");
	size_t n;
	int failed;

	if (f == NULL)
		return -1;
	n = fread(buf_reserve(line, SECRET_MAX), 1, SECRET_MAX, f);
	failed = ferror(f);
	fclose(f);
	line->data[n] = '\0';
	line->data[strcspn(line->data, "\r\n")] = '\0';
	line->len = strlen(line->data);
	return failed ? -1 : 0;
}

const char *
secret_env(const char *name)
{
	const char *path;
	struct buf variable = {0}, line = {0};

	if (cli_env(name, NULL) != NULL)
		return cli_env(name, NULL);
	buf_printf(&variable, "%s_FILE", name);
	path = cli_env(variable.data, NULL);
	if (path != NULL) {
		if (read_line(path, &line) == -1)
			cli_die(CLI_FAILED, "%s %s: %s", variable.data, path,
			    strerror(errno));
		if (line.len == 0)
			cli_die(CLI_FAILED, "%s %s: the first line is empty",
			    variable.data, path);
		setenv(name, line.data, 1);
	}
	buf_free(&variable);
	buf_free(&line);
	return cli_env(name, NULL);
}
