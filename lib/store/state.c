#include "store/state.h"

#include <stddef.h>
#include <string.h>

#include "moves.h"

const struct state_move *
state_moves(void)
{
	return moves;
}

int
state_may_move(const char *kind, const char *before, const char *after)
{
	for (const struct state_move *m = moves; m->kind != NULL; m++)
		if (strcmp(m->kind, kind) == 0 &&
		    strcmp(m->before, before) == 0 &&
		    strcmp(m->after, after) == 0)
			return 1;
	return 0;
}

int
state_has_ended(const char *status)
{
	return strcmp(status, "completed") == 0 ||
	       strcmp(status, "partial") == 0 ||
	       strcmp(status, "failed") == 0 || strcmp(status, "canceled") == 0;
}
