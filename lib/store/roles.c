#include "store/roles.h"

#include "base/buf.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_roles.h"

struct change {
	const char *role, *kind;
	struct buf *quoted; /* the role as SQL writes it */
};

static int
take_all(struct db *d, const char *quoted)
{
	struct buf sql = {0};

	buf_printf(&sql, sql_revoke, quoted, quoted, quoted, quoted);
	return db_do_made(d, &sql) == -1 ? -1 : 0;
}

static int
admit(struct db *d, const struct change *c)
{
	struct db_args a = {0};
	int64_t n;

	db_arg_text(&a, c->role);
	db_arg_text(&a, c->kind);
	n = db_do(d, sql_admit, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
apply(struct db *d, void *argument)
{
	const struct change *c = argument;

	if (take_all(d, c->quoted->data) == -1 ||
	    (c->kind != NULL && admit(d, c) == -1))
		return -1;
	return roles_apply(d);
}

/* 0 and the role as SQL writes it; 1 and why it cannot be changed; -1. */
static int
find(struct db *d, const char *role, struct buf *quoted, struct buf *why)
{
	struct db_args a = {0};
	struct db_result *r;

	db_arg_text(&a, role);
	r = db_run(d, sql_find, &a);
	db_args_free(&a);
	if (r == NULL)
		return -1;
	if (db_rows(r) == 0)
		buf_printf(why,
		    "role '%s': the server has no such role: CREATE ROLE makes "
		    "one",
		    role);
	else if (db_bool(r, 0, 1))
		buf_printf(why,
		    "role '%s' owns the schema or is a superuser: it may do "
		    "everything",
		    role);
	else if (!db_bool(r, 0, 2))
		buf_printf(why, "only the owner of the schema, %s, may do this",
		    db_text(r, 0, 3));
	else
		buf_puts(quoted, db_text(r, 0, 0));
	db_result_free(r);
	return why->len > 0;
}

int
roles_set(struct db *d, const char *role, const char *kind, struct buf *why)
{
	struct buf quoted = {0};
	struct change c = {role, kind, &quoted};
	int status = find(d, role, &quoted, why);

	if (status == 0)
		status = db_transact(d, DB_PLAIN, apply, &c);
	buf_free(&quoted);
	return status;
}

int
roles_apply(struct db *d)
{
	return db_do(d, sql_apply, NULL) == -1 ? -1 : 0;
}

struct db_result *
roles_list(struct db *d)
{
	return db_run(d, sql_list, NULL);
}
