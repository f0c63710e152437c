#include "examine.h"

#include <unistd.h>
#include <yyjson.h>

#include "jobctl.h"
#include "net/db.h"
#include "record/record_out.h"
#include "show.h"
#include "tool/cli.h"
#include "tool/table.h"

static const char *const state_names[] = {"ok", "warn", "fail", "away"};

static void
put_record(const struct examining *x, const char *component,
    enum examined state, const char *text)
{
	yyjson_mut_doc *doc = record_out_new(x->c->out, x->type);
	yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);

	yyjson_mut_obj_add_str(doc, root, "component", component);
	yyjson_mut_obj_add_str(doc, root, "state", state_names[state]);
	yyjson_mut_obj_add_str(doc, root, "message", text);
	if (x->where.len > 0)
		yyjson_mut_obj_add_strcpy(doc, root, "where", x->where.data);
	record_out_put(x->c->out, doc);
}

static void
add_row(const struct examining *x, const char *component, enum examined state,
    const char *text)
{
	struct buf b = {0};

	if (x->where.len > 0)
		buf_printf(&b, "%s: ", x->where.data);
	buf_puts(&b, text);
	table_cell(x->table, component);
	jobctl_state_cell(x->table, state_names[state]);
	table_cell(x->table, b.data);
	buf_free(&b);
}

void
examine_tell(struct examining *x, const char *component, enum examined state,
    const char *text)
{
	int is_wrong = state == EXAMINED_BROKEN || state == EXAMINED_AWAY;

	x->broken |= state == EXAMINED_BROKEN;
	x->away |= state == EXAMINED_AWAY;
	if (x->table != NULL)
		add_row(x, component, state, text);
	else if (!x->quiet)
		put_record(x, component, state, text);
	if (is_wrong && (x->table == NULL || !isatty(STDOUT_FILENO)))
		cli_warn("%s: %s", component, text);
	x->where.len = 0;
}

void
examine_begin(struct examining *x)
{
	static const struct table_column columns[] = {
	    {"COMPONENT", 0}, {"STATE", 0}, {"WHAT", TABLE_WRAP}};
	/* A server that gives no answer is reported soon. */
	static const struct db_limits limits = {.statement = 10};

	cli_set_name("pl-jobctl");
	db_set_limits(x->c->db, &limits);
	if (!x->quiet && jobctl_wants_table(x->c))
		x->table = table_new(columns, 3);
}

int
examine_end(struct examining *x)
{
	if (x->table != NULL)
		jobctl_print_table(x->c, x->table);
	buf_free(&x->where);
	if (x->away)
		return CLI_UNAVAILABLE;
	return x->broken ? CLI_FAILED : CLI_DONE;
}
