#include "store/schema.h"

#include <string.h>

#include "base/buf.h"
#include "migrations.h"
#include "moves_sql.h"
#include "net/db.h"
#include "net/db_result.h"
#include "net/db_values.h"
#include "sql_schema.h"
#include "store/roles.h"

int
schema_version(void)
{
	return (int)(sizeof(migrations) / sizeof(*migrations));
}

/* Why a role sees no version of the schema. */
enum absence { SCHEMA_MISSING, SCHEMA_DENIED, SCHEMA_HIDDEN };

/* Whether this role can see the schema, or why not; the role goes to role. */
static int
look(struct db *d, enum absence *absence, struct buf *role)
{
	struct db_result *r = db_run(d, sql_look, NULL);
	int visible;

	if (r == NULL)
		return -1;
	*absence = db_bool(r, 0, 1)   ? SCHEMA_DENIED
		   : db_bool(r, 0, 2) ? SCHEMA_HIDDEN
				      : SCHEMA_MISSING;
	visible = db_bool(r, 0, 0) && *absence == SCHEMA_MISSING;
	buf_puts(role, db_text(r, 0, 3));
	db_result_free(r);
	return visible;
}

static void
explain(enum absence absence, const char *role, struct buf *why)
{
	static const char remedy[] =
	    "its owner runs 'pl-jobctl grant %s --as KIND'";

	if (absence == SCHEMA_MISSING)
		buf_puts(
		    why, "the database has no pl schema: run 'pl-jobctl init'");
	else if (absence == SCHEMA_DENIED)
		buf_printf(
		    why, "role %s has no rights on the pl schema: ", role);
	else
		buf_printf(why,
		    "row-level security hides the rows of the pl schema from "
		    "role %s: ",
		    role);
	if (absence != SCHEMA_MISSING)
		buf_printf(why, remedy, role);
}

/* The version in the database; 0 when none is seen, and *why; -1 on failure. */
static int
current_version(struct db *d, struct buf *why)
{
	enum absence absence;
	struct db_result *r;
	struct buf role = {0};
	int version = look(d, &absence, &role);

	if (version == 0)
		explain(absence, role.data, why);
	buf_free(&role);
	if (version <= 0)
		return version;
	r = db_run(d, sql_version, NULL);
	if (r == NULL)
		return -1;
	version = (int)db_int(r, 0, 0);
	db_result_free(r);
	return version;
}

static int
apply_one(struct db *d, int version)
{
	struct db_args a = {0};
	int64_t n;

	if (db_do(d, migrations[version - 1], NULL) == -1)
		return -1;
	db_arg_int(&a, version);
	n = db_do(d, sql_set_version, &a);
	db_args_free(&a);
	return n == -1 ? -1 : 0;
}

static int
apply_missing(struct db *d, void *argument)
{
	int *from = argument;
	struct buf why = {0};

	/* The lock's number is arbitrary, but all versions of pl use it. */
	if (db_do(d, sql_lock_schema, NULL) == -1)
		return -1;
	*from = current_version(d, &why);
	buf_free(&why);
	if (*from == -1)
		return -1;
	for (int v = *from + 1; v <= schema_version(); v++)
		if (apply_one(d, v) == -1)
			return -1;
	if (*from == schema_version())
		return 0;
	/* The moves are those of this build, not of an earlier migration. */
	return db_do(d, moves_sql, NULL) == -1 || roles_apply(d) == -1 ? -1 : 0;
}

int
schema_apply(struct db *d, int *from)
{
	return db_transact(d, DB_PLAIN, apply_missing, from);
}

int
schema_check(struct db *d, struct buf *why)
{
	int version = current_version(d, why);

	if (version == schema_version())
		return 0;
	if (version == -1)
		return -1;
	if (version > 0)
		buf_printf(why,
		    "the database has version %d of the pl schema, this "
		    "program needs %d: %s",
		    version, schema_version(),
		    version < schema_version() ? "run 'pl-jobctl init'"
					       : "install the newer pl");
	return 1;
}

/* Append the only value of a statement to b. 1, 0 no row, -1. */
static int
add_value(struct db *d, const char *sql, struct buf *b)
{
	struct db_result *r = db_run(d, sql, NULL);
	int found;

	if (r == NULL)
		return -1;
	found = db_rows(r) > 0;
	if (found)
		buf_puts(b, db_text(r, 0, 0));
	db_result_free(r);
	return found;
}

int
schema_server(struct db *d, struct buf *version)
{
	return add_value(d, sql_server, version) == -1 ? -1 : 0;
}

int
schema_read_only(struct db *d, struct buf *why)
{
	return add_value(d, sql_read_only, why);
}

int
schema_data_folder(struct db *d, struct buf *path)
{
	return add_value(d, sql_data_folder, path);
}

int
schema_vector(struct db *d, struct buf *version)
{
	return add_value(d, sql_vector, version);
}
