#include "store/job_find.h"

#include <string.h>

#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_job_find.h"

enum { DIGITS_MIN = 4 };

/*
 * Put the first row's id into id. 1 found, 0 no row, 2 several rows, -1 failed.
 */
static int
find_with(struct db *d, const char *sql, const char *text, uint8_t *id)
{
	struct db_args a = {0};
	struct db_result *r;
	int n;

	if (text != NULL)
		db_arg_text(&a, text);
	r = db_run(d, sql, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	n = db_rows(r);
	if (n > 0)
		digest_uuid_parse(db_text(r, 0, 0), db_length(r, 0, 0), id);
	db_result_free(r);
	return n > 2 ? 2 : n;
}

static int
is_beginning(const char *s)
{
	size_t n = strlen(s);

	return n >= DIGITS_MIN && n < DIGEST_UUID_TEXT &&
	       strspn(s, "0123456789abcdefABCDEF-") == n;
}

int
job_find(struct db *d, const char *meant, uint8_t id[static DIGEST_UUID],
    struct buf *why)
{
	int found;

	if (digest_uuid_parse(meant, strlen(meant), id) == 0)
		found = find_with(d, sql_by_id, meant, id);
	else if (strcmp(meant, "latest") == 0)
		found = find_with(d, sql_latest, NULL, id);
	else
		found = find_with(d, sql_by_source, meant, id);
	if (found == 0 && is_beginning(meant))
		found = find_with(d, sql_by_beginning, meant, id);
	if (found == 0)
		buf_printf(why,
		    "job '%s': no job has this id or source: see 'pl-jobctl "
		    "list'",
		    meant);
	else if (found == 2)
		buf_printf(why,
		    "job '%s': several ids begin with it: give more of the id",
		    meant);
	return found == 1 ? 0 : -1;
}

static struct db_result *
accounts(struct db *d, const struct job_filter *f, const uint8_t *id)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, f->source);
	db_arg_texts(&a, f->statuses, f->n);
	db_arg_int(&a, f->limit > 0 ? f->limit : INT64_MAX);
	db_arg_uuid(&a, id);
	r = db_run(d, sql_accounts, &a);
	db_args_free(&a);
	return r;
}

struct db_result *
job_get(struct db *d, const uint8_t id[static DIGEST_UUID])
{
	static const struct job_filter all;

	return accounts(d, &all, id);
}

struct db_result *
job_list(struct db *d, const struct job_filter *f)
{
	return accounts(d, f, NULL);
}

int
job_find_open(
    struct db *d, const char *unique_key, uint8_t id[static DIGEST_UUID])
{
	return find_with(d, sql_by_unique_key, unique_key, id);
}
