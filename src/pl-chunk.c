/* pl-chunk - split documents into chunks by structure, to a hard limit */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "chunk/options.h"
#include "chunk/parallel.h"
#include "chunk/token.h"
#include "chunk/worker.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"

/* Read a whole file; ends the process if that fails. */
static void
read_file(const char *name, struct buf *file)
{
	ssize_t n;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		cli_die(CLI_FAILED, "%s: %s", name, strerror(errno));
	while ((n = read(fd, buf_reserve(file, 1 << 16), 1 << 16)) > 0)
		file->len += (size_t)n;
	if (n == -1)
		cli_die(CLI_FAILED, "%s: %s", name, strerror(errno));
	close(fd);
}

/*
 * Read the vocabulary of the options, and note its hash there; ends the process
 * if the file cannot be used.
 */
static struct token_vocabulary *
read_vocabulary(struct chunk_tool_options *o)
{
	struct digest *hash = digest_new();
	struct token_vocabulary *v;
	struct buf file = {0};
	const char *why;

	read_file(o->tokenizer, &file);
	v = token_read(file.data, file.len, &why);
	if (v == NULL)
		cli_die(CLI_FAILED, "%s: %s", o->tokenizer, why);
	digest_add(hash, file.data, file.len);
	digest_end_hex(hash, o->vocabulary_hash);
	digest_free(hash);
	buf_free(&file);
	return v;
}

static void
flush_output(void *out)
{
	output_check(record_out_flush(out));
}

/* Handle all records in this thread. */
static enum record_status
handle_all(
    struct chunk_tool_options *o, struct record_out *out, size_t *refused)
{
	struct chunk_worker *w = chunk_worker_new(o, out);
	enum record_status status;
	struct record_in *in;
	struct record r;

	o->record.idle = flush_output;
	o->record.idle_argument = out;
	in = record_in_open(STDIN_FILENO, &o->record);
	while ((status = record_in_line(in, &r)) == RECORD_OK ||
	       status == RECORD_REFUSED)
		chunk_worker_handle(w, in, &r, status);
	*refused += chunk_worker_refused(w);
	record_in_close(in);
	chunk_worker_free(w);
	return status;
}

int
main(int argc, char **argv)
{
	struct chunk_tool_options o;
	struct token_vocabulary *vocabulary = NULL;
	enum record_status status;
	struct record_out *out;
	size_t refused = 0;

	cli_start("pl-chunk");
	chunk_options_parse(argc, argv, &o);

	if (o.tokenizer != NULL)
		vocabulary = read_vocabulary(&o);
	o.chunk.vocabulary = vocabulary;
	out = record_out_open(STDOUT_FILENO);

	if (o.workers > 1)
		status = chunk_parallel_run(&o, out, &refused);
	else
		status = handle_all(&o, out, &refused);
	if (status == RECORD_FAILED)
		cli_warn("standard input: %s", strerror(errno));

	output_close(out);
	token_vocabulary_free(vocabulary);
	if (status == RECORD_FAILED)
		return CLI_FAILED;
	return refused > 0 ? CLI_PARTIAL : CLI_DONE;
}
