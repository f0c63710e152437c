/* state: the legal moves in C and in SQL are one list */
#include "store/state.h"

#include <stdio.h>
#include <string.h>

#include "migrations.h"
#include "tap.h"

/* The next ('kind', 'before', 'after') of the text; NULL at the end. */
static const char *
next_move(const char *sql, char kind[16], char before[16], char after[16])
{
	for (; *sql != '\0' && *sql != ';'; sql++)
		if (sscanf(sql, "('%15[a-z_]', '%15[a-z_]', '%15[a-z_]')", kind,
			before, after) == 3)
			return sql + 1;
	return NULL;
}

static int
kind_of(const char *name)
{
	static const char *const names[] = {
	    "source", "job", "document", "task"};

	for (int i = 0; i < 4; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

int
main(void)
{
	static const char *const states[] = {"pending", "queued", "in_progress",
	    "completed", "partial", "failed", "canceled", "crawling",
	    "processing", "ready", "stored", "deleted", "", "unknown"};
	const char *at = strstr(migrations[0], "function pl.legal_move");
	char kind[16], before[16], after[16];
	size_t in_sql = 0, in_c = 0, allowed = 0;

	tap(at != NULL, "the schema has legal_move");
	if (at == NULL)
		return tap_done();
	while ((at = next_move(at, kind, before, after)) != NULL) {
		const struct state_move *m = &state_moves[in_sql++];

		if (m->kind == NULL) {
			tap(0, "the list in C has %zu moves", in_sql - 1);
			break;
		}
		tap(strcmp(m->kind, kind) == 0 &&
			strcmp(m->before, before) == 0 &&
			strcmp(m->after, after) == 0,
		    "%s: %s -> %s", kind, before, after);
		tap(kind_of(kind) != -1 &&
			state_may_move(
			    (enum state_kind)kind_of(kind), before, after),
		    "%s may go from %s to %s", kind, before, after);
	}
	while (state_moves[in_c].kind != NULL)
		in_c++;
	tap(in_sql == in_c, "%zu moves in SQL, %zu in C", in_sql, in_c);

	for (int k = 0; k < 4; k++)
		for (size_t i = 0; i < 14; i++)
			for (size_t j = 0; j < 14; j++)
				allowed += (size_t)state_may_move(
				    (enum state_kind)k, states[i], states[j]);
	tap(allowed == in_c, "nothing else is allowed");

	for (size_t i = 0; i < 14; i++)
		tap(state_has_ended(states[i]) == (i >= 3 && i <= 6),
		    "'%s' %s the end of a job", states[i],
		    i >= 3 && i <= 6 ? "is" : "is not");
	return tap_done();
}
