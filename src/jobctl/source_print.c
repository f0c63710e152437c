#include "source_print.h"

#include "jobctl.h"
#include "net/db.h"
#include "net/db_result.h"
#include "show.h"
#include "store/settings.h"
#include "tool/cli.h"

_Noreturn void
source_unknown(const char *name)
{
	cli_die(CLI_FAILED,
	    "source '%s': there is no such source: 'pl-jobctl source list' "
	    "shows all, 'pl-jobctl source add' makes one",
	    name);
}

void
source_print(struct jobctl *c, const char *name)
{
	struct db_result *r = settings_source(c->db, name);

	if (r == NULL)
		jobctl_die(c);
	if (db_rows(r) == 0)
		source_unknown(name);
	jobctl_print_object(c, "source", db_text(r, 0, 0), NULL);
	db_result_free(r);
}
