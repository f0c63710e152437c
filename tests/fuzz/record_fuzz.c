/*
 * record: any bytes as a text and as lines. A record that is read must hold
 * nothing that Postgres refuses, and can be read again after writing.
 */
#define _GNU_SOURCE /* memfd_create */
#include "record/record.h"
#include "record/record_in.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_text(const char *s, size_t n)
{
	if (utf8_valid(s, n) != n || memchr(s, '\0', n) != NULL)
		abort();
}

/* Check every string and key, without recursion: the values are one array. */
static void
check_values(yyjson_doc *doc)
{
	yyjson_val *v = yyjson_doc_get_root(doc);

	for (size_t i = 0; i < yyjson_doc_get_val_count(doc); i++)
		if (yyjson_is_str(v + i))
			check_text(
			    yyjson_get_str(v + i), yyjson_get_len(v + i));
}

static void
try_text(const char *text, size_t n)
{
	size_t repaired, first = 0, at = 0, length;
	const char *why = NULL;
	yyjson_doc *doc = record_parse(text, n, &repaired, &first, &why, &at);
	char *written;

	if (doc == NULL) {
		if (why == NULL || at > 4 * n)
			abort();
		return;
	}
	if (repaired > 0 && first >= n)
		abort();
	check_values(doc);
	written = yyjson_write(doc, 0, &length);
	yyjson_doc_free(doc);
	doc = record_parse(written, length, &repaired, &first, &why, &at);
	if (doc == NULL || repaired != 0)
		abort();
	yyjson_doc_free(doc);
	free(written);
}

static void
try_lines(const char *text, size_t n)
{
	struct record_in_options options = {.max_record = 64};
	static int fd = -1;
	struct record_in *in;
	struct record r;
	enum record_status status;
	uint64_t number = 0;

	if (fd == -1)
		fd = memfd_create("rec_fuzz", 0);
	if (ftruncate(fd, 0) == -1 || pwrite(fd, text, n, 0) != (ssize_t)n ||
	    lseek(fd, 0, SEEK_SET) == -1)
		abort();
	in = record_in_open(fd, &options);
	while ((status = record_in_read(in, &r)) != RECORD_EOF) {
		if (status == RECORD_FAILED || r.number <= number || r.len > 64)
			abort();
		number = r.number;
		if (status == RECORD_OK && !yyjson_is_obj(r.root))
			abort();
	}
	record_in_close(in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	if (n == 0)
		return 0;
	try_text((const char *)data, n);
	try_lines((const char *)data, n);
	return 0;
}
