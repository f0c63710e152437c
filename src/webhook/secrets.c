#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"

enum { FILE_MAX = 4096 };

int
webhook_secrets_name_ok(const char *source)
{
	return *source != '\0' && *source != '.' && strchr(source, '/') == NULL;
}

/* A file that is no regular one could make us wait. */
static int
open_file(const char *folder, const char *source, const char **why)
{
	struct buf path = {0};
	struct stat st;
	int fd;

	buf_printf(&path, "%s/%s", folder, source);
	fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	buf_free(&path);
	if (fd == -1) {
		*why = errno == ENOENT
			   ? "there is no file of its secret"
			   : "the file of its secret cannot be read";
		return -1;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	*why = "the file of its secret is no file";
	return -1;
}

static int
read_file(int fd, char *text, size_t *n, const char **why)
{
	ssize_t k;

	*n = 0;
	do {
		k = read(fd, text + *n, FILE_MAX + 1 - *n);
		if (k > 0)
			*n += (size_t)k;
	} while (k > 0 || (k == -1 && errno == EINTR));
	*why = "the file of its secret cannot be read";
	if (k == -1)
		return -1;
	*why = "the file of its secret is longer than 4096 bytes";
	return *n > FILE_MAX ? -1 : 0;
}

/* Empty lines do not count. */
static int
split_lines(struct webhook_secrets *s, size_t n, const char **why)
{
	char *line = s->text, *end;

	*why = "the file of its secret has a NUL";
	if (strlen(s->text) != n)
		return -1;
	for (; *line != '\0'; line = end) {
		size_t len = strcspn(line, "\n");

		end = line + len + (line[len] == '\n');
		line[len] = '\0';
		if (len > 0 && line[len - 1] == '\r')
			line[--len] = '\0';
		if (len == 0)
			continue;
		*why = "the file of its secret has more than two lines";
		if (s->n == VERIFIER_SECRETS)
			return -1;
		s->secret[s->n++] = line;
	}
	*why = "the file of its secret is empty";
	return s->n > 0 ? 0 : -1;
}

int
webhook_secrets_read(const char *folder, const char *source,
    struct webhook_secrets *s, const char **why)
{
	size_t n;
	int fd, status;

	*s = (struct webhook_secrets){0};
	*why = "no folder of secrets is given: --secrets";
	if (folder == NULL)
		return -1;
	fd = open_file(folder, source, why);
	if (fd == -1)
		return -1;
	s->text = x_calloc(1, FILE_MAX + 2);
	status = read_file(fd, s->text, &n, why);
	close(fd);
	if (status == 0)
		status = split_lines(s, n, why);
	if (status == -1)
		webhook_secrets_free(s);
	return status;
}

void
webhook_secrets_free(struct webhook_secrets *s)
{
	volatile char *p = s->text;

	for (size_t i = 0; p != NULL && i < FILE_MAX; i++)
		p[i] = '\0';
	free(s->text);
	*s = (struct webhook_secrets){0};
}
