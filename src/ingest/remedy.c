#include "remedy.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "ingest.h"
#include "source/text_file.h"

/* Append a word for the shell. */
static void
put_word(struct buf *out, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789./_-:@%+=,";

	if (*s != '\0' && *s != '-' && s[strspn(s, plain)] == '\0') {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '\'');
	for (; *s != '\0'; s++)
		if (*s == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *s);
	buf_putc(out, '\'');
}

/* name without the suffix that a compressor appends. */
static char *
without_suffix(const char *name)
{
	static const char *const suffixes[] = {
	    ".gz", ".zst", ".xz", ".bz2", NULL};
	size_t n = strlen(name);

	for (const char *const *s = suffixes; *s != NULL; s++)
		if (n > strlen(*s) && strcmp(name + n - strlen(*s), *s) == 0)
			return x_memdup(name, n - strlen(*s));
	return x_strdup(name);
}

static const char *
format_of(const struct ingest *in, const char *name)
{
	static const char *const formats[][2] = {{"text/markdown", "markdown"},
	    {"text/html", "html"}, {"application/json", "json"}};
	const char *type =
	    in->options.type ? in->options.type : text_file_type(name);

	for (size_t i = 0; type != NULL && i < 3; i++)
		if (strcmp(type, formats[i][0]) == 0)
			return formats[i][1];
	return "text";
}

/* The command that reads what another one writes. */
static void
put_reader(const struct ingest *in, struct buf *out)
{
	char *name = without_suffix(in->input);
	char *url = without_suffix(in->origin.data);

	buf_printf(
	    out, "pl-ingest --format %s --base-url ", format_of(in, name));
	put_word(out, url);
	buf_puts(out, " -");
	free(name);
	free(url);
}

void
ingest_remedy(const struct ingest *in, const char *why, struct buf *out)
{
	static const char reader[] = "pl-ingest -", file[] = "FILE";
	const char *at;

	if (in->origin.len == 0 || in->is_stdin) {
		buf_puts(out, why);
		return;
	}
	if ((at = strstr(why, file)) != NULL) {
		buf_add(out, why, (size_t)(at - why));
		put_word(out, in->input);
		why = at + strlen(file);
	}
	if ((at = strstr(why, reader)) != NULL) {
		buf_add(out, why, (size_t)(at - why));
		put_reader(in, out);
		why = at + strlen(reader);
	}
	buf_puts(out, why);
}
