/* What a bug report needs: versions of pl, of its libraries and of the servers.
 */
#include <stdlib.h>
#include <yyjson.h>

#include "base/buf.h"
#include "base/version.h"
#include "build_info.h"
#include "commands.h"
#include "jobctl.h"
#include "net/db.h"
#include "queue.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "record/record_out.h"
#include "show.h"
#include "store/schema.h"
#include "tool/cli.h"
#include "tool/table.h"

enum { PATIENCE = 5 }; /* seconds, for the answer of a server */

/* Where the versions go: a table, or objects of a record. */
struct telling {
	struct table *table; /* or NULL */
	yyjson_mut_doc *doc;
	yyjson_mut_val *object; /* the current one */
	const char *part;	/* its name, or "" for the record itself */
};

static void
begin_part(struct telling *t, const char *part)
{
	t->part = part;
	if (t->doc != NULL)
		t->object = yyjson_mut_obj_add_obj(
		    t->doc, yyjson_mut_doc_get_root(t->doc), part);
}

static void
tell(struct telling *t, const char *name, const char *value)
{
	if (t->table != NULL) {
		table_cellf(t->table, "%s%s%s", t->part,
		    *t->part != '\0' ? " " : "", name);
		table_cell(t->table, value);
		return;
	}
	yyjson_mut_obj_add_strcpy(t->doc, t->object, name, value);
}

static void
tell_pl(struct telling *t)
{
	struct buf text = {0};

	tell(t, "pl", PL_VERSION);
	if (*BUILD_COMMIT != '\0')
		tell(t, "commit", BUILD_COMMIT);
	buf_printf(&text, "%d", schema_version());
	if (t->table != NULL)
		tell(t, "schema", text.data);
	else
		yyjson_mut_obj_add_int(
		    t->doc, t->object, "schema", schema_version());
	buf_free(&text);
	begin_part(t, "libraries");
	for (size_t i = 0;
	     i < sizeof(build_libraries) / sizeof(*build_libraries); i++)
		tell(t, build_libraries[i][0], build_libraries[i][1]);
}

static void
tell_postgres(struct jobctl *c, struct telling *t)
{
	struct db_limits limits = {.statement = PATIENCE};
	struct buf version = {0}, vector = {0}, schema = {0};
	int status;

	begin_part(t, "postgres");
	db_set_limits(c->db, &limits);
	if (db_connect(c->db) == -1 || schema_server(c->db, &version) == -1 ||
	    (status = schema_check(c->db, &schema)) == -1 ||
	    schema_vector(c->db, &vector) == -1) {
		tell(t, "error", db_error(c->db));
	} else {
		if (status == 0)
			buf_printf(&schema, "version %d", schema_version());
		tell(t, "version", version.data);
		tell(t, "schema", schema.data);
		if (vector.len > 0)
			tell(t, "pgvector", vector.data);
	}
	buf_free(&version);
	buf_free(&vector);
	buf_free(&schema);
}

static void
tell_redis(struct jobctl *c, struct telling *t)
{
	const char *error = NULL, *name;
	struct queue *q = jobctl_queue(c, &error);
	char *version;

	begin_part(t, "redis");
	if (q != NULL && queue_is_none(q)) {
		tell(t, "version", "none");
		return;
	}
	version = q == NULL ? NULL : queue_server(q, &name);
	if (version != NULL) {
		tell(t, "server", name);
		tell(t, "version", version);
	} else {
		tell(t, "error", q ? queue_error(q) : error);
	}
	free(version);
}

static int
version(struct jobctl *c)
{
	static const struct table_column columns[] = {
	    {"WHAT", 0}, {"VERSION", TABLE_WRAP}};
	struct telling t = {.part = ""};

	jobctl_parse(c, NULL);
	cli_set_name("pl-jobctl");
	if (jobctl_wants_table(c)) {
		t.table = table_new(columns, 2);
	} else {
		t.doc = record_out_new(c->out, "version");
		t.object = yyjson_mut_doc_get_root(t.doc);
	}
	tell_pl(&t);
	tell_postgres(c, &t);
	tell_redis(c, &t);
	if (t.table != NULL)
		jobctl_print_table(c, t.table);
	else
		record_out_put(c->out, t.doc);
	return CLI_DONE;
}

const struct jobctl_command jobctl_version = {
    .options = {.name = "version",
	.usage = "[OPTION]...",
	.summary = "versions of pl, its libraries and the servers",
	.about = "For bug reports. A server that cannot be reached says why; "
		 "no url and no\n"
		 "secret is printed.\n",
	.rows = jobctl_plain_rows},
    .run = version};
