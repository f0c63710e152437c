#include "collection_print.h"

#include <stdio.h>
#include <string.h>

#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "show.h"
#include "store/catalog.h"
#include "store/collection.h"
#include "tool/cli.h"
#include "tool/nearest.h"

_Noreturn void
collection_unknown(struct jobctl *c, const char *name)
{
	struct nearest near = {.typed = name};
	struct db_result *r = catalog_list(c->db);

	if (r == NULL)
		jobctl_die(c);
	for (int i = 0; i < db_rows(r); i++)
		nearest_consider(&near, db_text(r, i, 0));
	if (near.word != NULL)
		cli_die(CLI_FAILED,
		    "collection '%s': there is no such collection: did you "
		    "mean '%s'?",
		    name, near.word);
	cli_die(CLI_FAILED,
	    "collection '%s': there is no such collection: 'pl-jobctl "
	    "collection list' shows all",
	    name);
}

void
collection_check_name(const char *what, const char *name)
{
	if (!collection_name_ok(name))
		cli_usage(
		    "%s '%s': a name is 1 to 40 of a-z, 0-9 and _", what, name);
}

void
collection_print(struct jobctl *c, const char *name)
{
	struct db_result *r = catalog_show(c->db, name);

	if (r == NULL)
		jobctl_die(c);
	if (db_rows(r) == 0)
		collection_unknown(c, name);
	jobctl_print_object(c, "collection", db_text(r, 0, 0), NULL);
	db_result_free(r);
}

const char *
collection_count(char out[static 48], long long n, const char *unit)
{
	snprintf(out, 48, "%lld %s%s", n, unit, n == 1 ? "" : "s");
	return out;
}
