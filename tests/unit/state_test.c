/* state: the legal moves in C and in SQL are those of one table */
#include "store/state.h"

#include <stdio.h>
#include <string.h>

#include "moves_sql.h"
#include "tap.h"

static const char *const states[] = {"pending", "queued", "in_progress",
    "completed", "partial", "failed", "canceled", "crawling", "processing",
    "ready", "stored", "deleted", "", "unknown"};
enum { STATES = sizeof(states) / sizeof(*states) };

/* Every way a job can end must be open to its source, from every state. */
static void
check_outcomes(void)
{
	static const char *const sources[] = {
	    "pending", "crawling", "processing", "ready", "partial", "failed"};
	static const char *const told[] = {"ready", "partial", "failed"};

	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 3; j++)
			tap(strcmp(sources[i], told[j]) == 0 ||
				state_may_move("source", sources[i], told[j]),
			    "a source may go from %s to %s", sources[i],
			    told[j]);
}

int
main(void)
{
	static const char *const kinds[] = {
	    "source", "job", "document", "task", "chunk"};
	size_t listed = 0, allowed = 0;

	for (const struct state_move *m = state_moves(); m->kind; m++) {
		char row[64];

		listed++;
		snprintf(row, sizeof(row), "('%s', '%s', '%s')", m->kind,
		    m->before, m->after);
		tap(strstr(moves_sql, row) != NULL, "in SQL: %s", row);
		tap(state_may_move(m->kind, m->before, m->after), "and in C");
	}
	for (size_t k = 0; k < 5; k++)
		for (size_t i = 0; i < STATES; i++)
			for (size_t j = 0; j < STATES; j++)
				allowed += (size_t)state_may_move(
				    kinds[k], states[i], states[j]);
	tap(listed > 60 && allowed == listed, "nothing else is allowed");
	check_outcomes();
	for (size_t i = 0; i < STATES; i++)
		tap(state_has_ended(states[i]) == (i >= 3 && i <= 6),
		    "'%s' %s the end of a job", states[i],
		    i >= 3 && i <= 6 ? "is" : "is not");
	return tap_done();
}
