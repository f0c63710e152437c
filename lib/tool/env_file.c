#include "tool/env_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "tool/cli.h"

struct env_line {
	char *text; /* name and value are in it */
	const char *name, *value;
};

struct env_file {
	const char *path;
	struct env_line *lines;
	size_t n;
	int has_secret;
};

static int
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

/* Whether pl, or a library that it uses, knows such a variable. */
static int
is_known(const char *name)
{
	static const char *const starts[] = {"PL_", "PG", "OPENAI_",
	    "FIRECRAWL_", "DATABASE_URL", "REDIS_URL", "CURL_CA_BUNDLE",
	    "SSL_CERT_FILE", NULL};

	for (size_t i = 0; starts[i] != NULL; i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return 1;
	return 0;
}

int
env_file_is_secret(const char *name, const char *value)
{
	static const char *const ends[] = {
	    "_KEY", "SECRET", "PASSWORD", "TOKEN", NULL};
	const char *host = strstr(value, "://"), *at;

	for (size_t i = 0; ends[i] != NULL; i++)
		if (ends_with(name, ends[i]))
			return 1;
	at = host != NULL ? strchr(host, '@') : NULL;
	if (at != NULL && memchr(host + 3, ':', (size_t)(at - host - 3)))
		return 1;
	return strstr(value, "password") != NULL;
}

/* Remove blanks at the end, and quotes around the rest. */
static const char *
trim_value(char *value)
{
	size_t n = strlen(value);

	while (n > 0 && strchr(" \t\r\n", value[n - 1]) != NULL)
		n--;
	if (n > 1 && (*value == '\'' || *value == '"') &&
	    value[n - 1] == *value) {
		value++;
		n -= 2;
	}
	value[n] = '\0';
	return value;
}

int
env_file_line(
    char *line, const char **name, const char **value, const char **why)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n;

	line += strspn(line, " \t\r\n");
	if (*line == '\0' || *line == '#')
		return 0;
	n = strspn(line, letters);
	*why = "not of the form NAME=value";
	if (n == 0 || line[n] != '=')
		return -1;
	line[n] = '\0';
	*name = line;
	*value = trim_value(line + n + 1);
	*why = "no setting of pl: names begin with PL_, PG, OPENAI_ or "
	       "FIRECRAWL_, or are DATABASE_URL or REDIS_URL";
	return is_known(line) ? 1 : -1;
}

/* Whether the environment has the variable, or NAME_FILE in its place. */
static int
is_given(const char *name)
{
	struct buf file = {0};
	int given;

	buf_printf(&file, "%s_FILE", name);
	given = getenv(name) != NULL || getenv(file.data) != NULL;
	buf_free(&file);
	return given;
}

/*
 * Whether the environment decides what a line is about, also by the common name
 * of a server, which is weaker than pl's own only within the environment.
 */
static int
is_decided(const char *name)
{
	size_t n = strlen(name) - (ends_with(name, "_FILE") ? 5 : 0);
	char *setting = x_memdup(name, n);
	int decided = is_given(setting);

	if (strcmp(setting, "PL_DATABASE_URL") == 0 ||
	    strcmp(setting, "PL_REDIS_URL") == 0)
		decided = decided || is_given(setting + 3);
	free(setting);
	return decided;
}

static void
take_line(struct env_file *f, char *text, size_t number)
{
	struct env_line l = {.text = text};
	const char *why;

	switch (env_file_line(text, &l.name, &l.value, &why)) {
	case -1:
		cli_die(CLI_FAILED, "%s, line %zu: %s", f->path, number, why);
	case 0:
		free(text);
		return;
	}
	f->has_secret |= env_file_is_secret(l.name, l.value);
	if (is_decided(l.name)) {
		free(text);
		return;
	}
	f->lines = x_realloc(f->lines, f->n + 1, sizeof(*f->lines));
	f->lines[f->n++] = l;
}

static void
read_lines(struct env_file *f, FILE *in)
{
	char *text = NULL;
	size_t room = 0, number = 0;

	while (getline(&text, &room, in) != -1)
		take_line(f, x_strdup(text), ++number);
	if (ferror(in))
		cli_die(CLI_FAILED, "%s: %s", f->path, strerror(errno));
	free(text);
}

/* Who can write a file of settings chooses what our processes do. */
static void
check_mode(const struct env_file *f, const struct stat *st)
{
	/* A file of root's may be shared with the group of a service. */
	mode_t readers = st->st_uid == 0 ? S_IROTH : S_IRGRP | S_IROTH;

	if (!S_ISREG(st->st_mode))
		cli_die(CLI_FAILED, "%s: not a file", f->path);
	if (st->st_uid != 0 && st->st_uid != geteuid())
		cli_die(CLI_FAILED,
		    "%s: belongs to another user: make one of your own",
		    f->path);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		cli_die(CLI_FAILED,
		    "%s: others may write it: 'chmod go-w %s' ends that",
		    f->path, f->path);
	if (f->has_secret && st->st_mode & readers)
		cli_die(CLI_FAILED,
		    "%s: it holds a secret, and others may read it: 'chmod "
		    "600 %s' ends that",
		    f->path, f->path);
}

static void
set_variables(struct env_file *f)
{
	for (size_t i = 0; i < f->n; i++) {
		setenv(f->lines[i].name, f->lines[i].value, 0);
		free(f->lines[i].text);
	}
	free(f->lines);
}

static FILE *
open_settings(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *in = fd != -1 ? fdopen(fd, "r") : NULL;

	if (in == NULL || fstat(fd, st) == -1)
		cli_die(CLI_FAILED, "%s: %s", path, strerror(errno));
	return in;
}

static void
load(const char *path)
{
	struct env_file f = {.path = path};
	struct stat st;
	FILE *in;

	/* A folder that is closed to this user holds no settings for it. */
	if (stat(path, &st) == -1)
		return;
	in = open_settings(path, &st);
	check_mode(&f, &st);
	read_lines(&f, in);
	check_mode(&f, &st);
	set_variables(&f);
	fclose(in);
}

void
env_file_load(void)
{
	const char *folder = cli_env("XDG_CONFIG_HOME", NULL);
	const char *home = cli_env("HOME", NULL);
	struct buf path = {0};

	if (folder != NULL && *folder == '/')
		buf_printf(&path, "%s/pl/env", folder);
	else if (home != NULL)
		buf_printf(&path, "%s/.config/pl/env", home);
	else
		return;
	load(path.data);
	buf_free(&path);
}
