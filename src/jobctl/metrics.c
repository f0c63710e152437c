/* Numbers for a monitoring system. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "queue.h"
#include "record/record_out.h"
#include "show.h"
#include "store/counters.h"
#include "store/metrics.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/metrics_print.h"
#include "tool/table.h"

/* Append the metrics to out, as Prometheus text or as a table. */
static void
format_metrics(const struct metrics *m, int prometheus, struct buf *out)
{
	static const struct table_column columns[] = {
	    {"METRIC", 0}, {"OF", TABLE_FLEX}, {"VALUE", TABLE_RIGHT}};
	struct table *t;

	if (prometheus) {
		metrics_print_prometheus(m, out);
		return;
	}
	t = table_new(columns, 3);
	metrics_print_table(m, t);
	table_format(t, jobctl_width(), out);
	table_free(t);
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k == -1 && errno != EINTR)
			return -1;
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
	}
	return 0;
}

/*
 * Open a new file beside path. replace_file renames it, so that a reader sees
 * the old file or the whole new one, and sets its mode, because a collector
 * that runs as another user cannot read a file of mkstemp.
 */
static void
open_beside(const char *path, struct buf *name, int *fd)
{
	buf_printf(name, "%s.XXXXXX", path);
	*fd = mkstemp(name->data);
	if (*fd == -1)
		cli_die(CLI_FAILED, "--output %s: %s", path, strerror(errno));
}

static void
replace_file(int fd, struct buf *name, const char *path, const struct buf *text)
{
	int error;

	if (write_all(fd, text->data, text->len) == 0 &&
	    fchmod(fd, 0644) == 0 && fsync(fd) == 0 && close(fd) == 0 &&
	    rename(name->data, path) == 0)
		return;
	error = errno;
	unlink(name->data);
	cli_die(CLI_FAILED, "--output %s: %s", path, strerror(error));
}

/* Write the record to a file: record_out writes it to the new file. */
static void
record_to_file(const struct metrics *m, const char *path)
{
	struct buf name = {0}, nothing = {0};
	struct record_out *out;
	int fd, failed;

	open_beside(path, &name, &fd);
	out = record_out_open(fd);
	failed = metrics_print_record(out, m) == -1;
	failed |= record_out_close(out) == -1;
	if (failed) {
		int error = errno;

		unlink(name.data);
		cli_die(CLI_FAILED, "--output %s: %s", path, strerror(error));
	}
	replace_file(fd, &name, path, &nothing);
	buf_free(&name);
}

static void
text_to_file(const struct buf *text, const char *path)
{
	struct buf name = {0};
	int fd;

	open_beside(path, &name, &fd);
	replace_file(fd, &name, path, text);
	buf_free(&name);
}

static void
publish(
    struct jobctl *c, const struct metrics *m, int prometheus, const char *path)
{
	struct buf text = {0};
	int as_record =
	    !prometheus && (path != NULL ? c->form != JOBCTL_AS_TABLE
					 : !jobctl_wants_table(c));

	if (!as_record)
		format_metrics(m, prometheus, &text);
	if (as_record && path != NULL)
		record_to_file(m, path);
	else if (as_record)
		metrics_print_record(c->out, m);
	else if (path != NULL)
		text_to_file(&text, path);
	else
		jobctl_print(c, &text);
	buf_free(&text);
}

struct metrics_options {
	int prometheus;
	const char *path;
};

#define TO(member) OPTION_TO(struct metrics_options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {OPTION_FLAG, .name = "prometheus", TO(prometheus),
	.help = "Prometheus text instead of a JSON record"},
    {OPTION_NAME, .name = "output", .argument = "FILE", TO(path),
	.help = "write FILE at once, under a new name first: for the textfile "
		"collector of node_exporter"},
    JOBCTL_ROWS};
/* clang-format on */

/* Postgres may refuse to write; the numbers of the last fold are there still.
 */
static void
fold_counters(struct jobctl *c)
{
	if (counters_fold(c->db) == -1)
		cli_warn("Postgres: the counters are old: %s", db_error(c->db));
}

static int
metrics(struct jobctl *c)
{
	struct metrics_options o = {0};
	const char *error = NULL;
	struct metrics m = {0};
	int status = CLI_DONE;

	jobctl_parse(c, &o);
	cli_set_name("pl-jobctl");
	/* Go on without Postgres: its absence is the most important number. */
	if (db_connect(c->db) == 0) {
		jobctl_open(c);
		fold_counters(c);
		if (metrics_read(c->db, &m) == -1 ||
		    metrics_read_counters(c->db, &m) == -1)
			m.postgres_up = 0;
	}
	if (!m.postgres_up) {
		status = connect_status(c->db);
		cli_warn("Postgres: %s", db_error(c->db));
	}
	if (jobctl_read_redis(c, &m, &error) == -1)
		cli_warn("Redis: %s", error);
	publish(c, &m, o.prometheus, o.path);
	metrics_free(&m);
	return status;
}

const struct jobctl_command jobctl_metrics = {
    .options = {.name = "metrics",
	.usage = "[OPTION]...",
	.summary = "numbers for a monitoring system",
	.rows = rows},
    .run = metrics};
