#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "ingest.h"
#include "listing.h"
#include "read.h"
#include "report.h"
#include "source/text_file.h"
#include "tool/cli.h"

/*
 * A glob without a slash must match the name. A glob with a slash must match
 * the path below the folder given; "**" in it also matches slashes.
 */
static int
matches(const char *pattern, const char *below, const char *name)
{
	if (strchr(pattern, '/') == NULL)
		return fnmatch(pattern, name, 0) == 0;
	return fnmatch(pattern, below,
		   strstr(pattern, "**") ? 0 : FNM_PATHNAME) == 0;
}

static int
matches_any(
    const struct ingest_globs *globs, const char *below, const char *name)
{
	for (size_t i = 0; i < globs->n; i++)
		if (matches(globs->patterns[i], below, name))
			return 1;
	return 0;
}

/* Append path without "./" and without repeated slashes. */
static void
add_clean_path(struct buf *out, const char *path)
{
	if (*path == '/')
		buf_putc(out, '/');
	while (*path != '\0') {
		size_t n = strcspn(path, "/");

		if (n > 0 && !(n == 1 && *path == '.')) {
			if (out->len > 0 && out->data[out->len - 1] != '/')
				buf_putc(out, '/');
			buf_add(out, path, n);
		}
		path += n + (path[n] == '/');
	}
}

/* Append a path as UTF-8; other bytes become %XX. */
static void
add_as_text(struct buf *out, const char *path)
{
	while (*path != '\0') {
		uint32_t code;
		size_t n = utf8_step(path, strlen(path), &code);

		if (n == 1 && code == UTF8_REPLACEMENT)
			buf_printf(out, "%%%02X", (unsigned char)*path);
		else
			buf_add(out, path, n);
		path += n;
	}
}

/* Set the url of a file: below the base URL, or its path as given. */
static void
set_origin(struct ingest *in, const char *path, const char *below)
{
	struct buf clean = {0};
	const char *p;

	buf_reset(&in->origin, 4096);
	buf_reset(&in->path, 4096);
	add_clean_path(&in->path, path);
	add_clean_path(&clean, in->options.base_url ? below : path);
	p = clean.data ? clean.data : "";
	if (in->options.base_url != NULL) {
		while (*p == '/' || strncmp(p, "../", 3) == 0)
			p += *p == '/' ? 1 : 3;
		text_file_join_url(&in->origin, in->options.base_url, p);
	} else {
		add_as_text(&in->origin, p);
	}
	buf_puts(&in->origin, "");
	buf_free(&clean);
}

static void
read_file(struct ingest *in, const char *path, const char *below)
{
	const char *type =
	    in->options.type ? in->options.type : text_file_type(path);
	struct stat st = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	in->input = path;
	set_origin(in, path, below);
	if (fd == -1 || fstat(fd, &st) == -1) {
		ingest_report_refusal(in, "cannot_open", -1,
		    in->some_can_open &&
			(type == NULL || strcmp(type, "application/json") != 0),
		    "%s%s", strerror(errno),
		    errno == ENOENT   ? ": check the path"
		    : errno == EACCES ? ": check its permissions"
				      : "");
		if (type == NULL)
			ingest_listing_lacks(in);
	} else {
		in->opened++;
		if (type != NULL && *type == '\0')
			type = NULL;
		ingest_read(in, fd, in->path.data, type, st.st_mtime);
	}
	if (fd != -1)
		close(fd);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * The sorted names in a folder that are not hidden. NULL with errno; *failed is
 * the errno of a folder that was not read to its end, or 0.
 */
static char **
list_folder(const char *path, size_t *n, int *failed)
{
	DIR *dir = opendir(path);
	char **names;
	size_t cap = 64;
	struct dirent *e;

	*n = 0;
	if (dir == NULL)
		return NULL;
	names = x_calloc(cap, sizeof(*names));
	while (errno = 0, (e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		if (*n == cap) {
			cap *= 2;
			names = x_realloc(names, cap, sizeof(*names));
		}
		names[(*n)++] = x_strdup(e->d_name);
	}
	*failed = errno;
	closedir(dir);
	qsort(names, *n, sizeof(*names), compare_names);
	return names;
}

static void walk(struct ingest *in, const char *path, const char *below);

static void
leave_out(struct ingest *in, const char *why)
{
	cli_note("%s: %s, left out", in->input, why);
	in->skipped++;
}

/* Read an entry of a folder, or leave it out. */
static void
visit(struct ingest *in, const char *path, const char *below, const char *name)
{
	struct stat st;
	int is_link, chosen;
	const char *type = text_file_type(name);

	in->input = path;
	in->in_folder = 1;
	if (matches_any(&in->options.exclude, below, name))
		return;
	if (lstat(path, &st) == -1) {
		ingest_report_refusal(
		    in, "cannot_open", -1, 0, "%s", strerror(errno));
		return;
	}
	is_link = S_ISLNK(st.st_mode);
	chosen = matches_any(&in->options.include, below, name);
	if (is_link && stat(path, &st) == -1)
		ingest_report_refusal(in, "cannot_open", -1, 0,
		    "a link that leads nowhere: %s", strerror(errno));
	else if (S_ISDIR(st.st_mode) && !is_link)
		walk(in, path, below);
	else if (S_ISDIR(st.st_mode))
		/* A link to a folder might make a loop. */
		cli_note("%s: a link to a folder is not followed", path);
	else if (in->options.include.n > 0 && !chosen)
		return;
	else if (!S_ISREG(st.st_mode))
		leave_out(in, "not a regular file");
	else if (!chosen && type != NULL && *type == '\0')
		leave_out(in, "not a document by its name");
	else if (!chosen && strcmp(name, "robots.txt") == 0)
		leave_out(in, "rules for crawlers");
	else
		read_file(in, path, below);
}

static void
walk(struct ingest *in, const char *path, const char *below)
{
	size_t n;
	int failed;
	char **names = list_folder(path, &n, &failed);
	struct buf full = {0}, rest = {0};

	in->input = path;
	if (names == NULL) {
		ingest_report_refusal(in, "cannot_open", -1, 0, "folder: %s%s",
		    strerror(errno),
		    errno == EACCES ? ": check its permissions" : "");
		return;
	}
	in->opened++;
	if (failed != 0)
		ingest_report_refusal(in, "read_failed", -1, 0,
		    "folder: %s; the rest is left out", strerror(failed));
	for (size_t i = 0; i < n; i++) {
		buf_reset(&full, 4096);
		buf_reset(&rest, 4096);
		buf_puts(&full, path);
		if (full.len > 0 && full.data[full.len - 1] != '/')
			buf_putc(&full, '/');
		buf_puts(&full, names[i]);
		if (*below != '\0')
			buf_printf(&rest, "%s/", below);
		buf_puts(&rest, names[i]);
		visit(in, full.data, rest.data, names[i]);
		free(names[i]);
	}
	free(names);
	buf_free(&full);
	buf_free(&rest);
}

int
ingest_walk_can_open(const char *path)
{
	int fd = strcmp(path, "-") == 0
		     ? dup(STDIN_FILENO)
		     : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return 0;
	close(fd);
	return 1;
}

void
ingest_walk(struct ingest *in, const char *path)
{
	struct stat st;

	in->in_folder = 0;
	in->is_stdin = strcmp(path, "-") == 0;
	if (in->is_stdin) {
		in->input = "standard input";
		in->opened++;
		buf_reset(&in->origin, 4096);
		buf_puts(&in->origin,
		    in->options.base_url ? in->options.base_url : "stdin");
		ingest_read(in, STDIN_FILENO, NULL,
		    in->options.type ? in->options.type : "application/json",
		    0);
	} else if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		walk(in, path, "");
		in->in_folder = 0;
	} else {
		read_file(in, path, path);
	}
}
