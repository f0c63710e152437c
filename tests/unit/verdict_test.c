/* verdict, db_fault: the tables in C are those that docs/verdicts.md shows */
#include "record/verdict.h"

#include <stdio.h>
#include <string.h>

#include "net/db_fault.h"
#include "tap.h"

static const char *const names[] = {"fail", "wait", "park", "end"};

/* A row "| class | code | verdict | yes or no | yes or nothing |". */
static void
check_row(const char *line)
{
	char class[32], code[64], verdict[32], counts[16], doubtful[16] = "";
	const struct verdict_rule *rule;
	int n = sscanf(line,
	    "| %31[a-z] | %63[A-Za-z0-9_] | %31[a-z] | "
	    "%15[a-z] | %15[a-z]",
	    class, code, verdict, counts, doubtful);
	int parsed = n >= 4 ? error_record_class_parse(class) : -1;

	if (!tap(parsed != -1, "row: %.60s", line))
		return;
	rule = verdict_of((enum error_class)parsed,
	    strcmp(code, "any") == 0 ? "some other" : code);
	tap(strcmp(names[rule->verdict], verdict) == 0 &&
		rule->counts == (strcmp(counts, "yes") == 0) &&
		rule->doubtful == (n == 5),
	    "%s %s: %s", class, code, verdict);
	tap((rule->code == NULL) == (strcmp(code, "any") == 0),
	    "%s %s has a row of its own", class, code);
}

static const char *const faults[] = {[DB_UNAVAILABLE] = "unavailable",
    [DB_CONFLICT] = "conflict",
    [DB_DATA] = "data",
    [DB_CONFIG] = "config",
    [DB_FATAL] = "fatal"};

/* A row "| SQLSTATE | what | verdict | verdict |". */
static void
check_state(const char *line)
{
	char state[8], first[32], later[32];
	int n = sscanf(line, "| %7[0-9A-Z] | %*[^|]| %31[a-z] | %31[a-z] |",
	    state, first, later);

	if (!tap(n == 3, "row: %.60s", line))
		return;
	tap(strcmp(faults[db_fault_of(state, "", 0)], first) == 0 &&
		strcmp(faults[db_fault_of(state, "", 1)], later) == 0,
	    "SQLSTATE %s: %s, %s", state, first, later);
}

static int
begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

int
main(void)
{
	FILE *f = fopen("docs/verdicts.md", "r");
	size_t rows = 0, states = 0;
	char line[256];
	int of_states = 0;

	if (!tap(f != NULL, "docs/verdicts.md is there"))
		return tap_done();
	while (fgets(line, sizeof(line), f) != NULL) {
		if (begins(line, "| SQLSTATE"))
			of_states = 1;
		else if (begins(line, "| class") || begins(line, "| ---") ||
			 !begins(line, "| "))
			continue;
		else if (of_states && ++states > 0)
			check_state(line);
		else if (++rows > 0)
			check_row(line);
	}
	fclose(f);
	tap(rows == verdict_rules(), "every rule is shown: %zu", rows);
	tap(states == db_fault_rules(), "every SQLSTATE is shown: %zu", states);
	tap(verdict_of(ERROR_CONFIG, NULL)->verdict == VERDICT_PARK,
	    "an error without a code has a rule");
	return tap_done();
}
