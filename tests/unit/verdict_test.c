/* verdict: the table in C is the one that docs/verdicts.md shows */
#include "record/verdict.h"

#include <stdio.h>
#include <string.h>

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

int
main(void)
{
	FILE *f = fopen("docs/verdicts.md", "r");
	size_t rows = 0;
	char line[256];

	if (!tap(f != NULL, "docs/verdicts.md is there"))
		return tap_done();
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "| ", 2) == 0 &&
		    strncmp(line, "| class", 7) != 0 &&
		    strncmp(line, "| ---", 5) != 0) {
			check_row(line);
			rows++;
		}
	fclose(f);
	tap(rows == verdict_rules(), "every rule is shown: %zu", rows);
	tap(verdict_of(ERROR_CONFIG, NULL)->verdict == VERDICT_PARK,
	    "an error without a code has a rule");
	return tap_done();
}
