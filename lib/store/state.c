#include "store/state.h"

#include <stddef.h>
#include <string.h>

static const char *const kind_names[] = {"source", "job", "document", "task"};

const struct state_move state_moves[] = {
    {"source", "pending", "crawling"},
    {"source", "pending", "processing"},
    {"source", "pending", "ready"},
    {"source", "pending", "partial"},
    {"source", "pending", "failed"},
    {"source", "crawling", "processing"},
    {"source", "crawling", "ready"},
    {"source", "crawling", "partial"},
    {"source", "crawling", "failed"},
    {"source", "processing", "ready"},
    {"source", "processing", "partial"},
    {"source", "processing", "failed"},
    {"source", "ready", "crawling"},
    {"source", "ready", "processing"},
    {"source", "partial", "crawling"},
    {"source", "partial", "processing"},
    {"source", "partial", "ready"},
    {"source", "failed", "crawling"},
    {"source", "failed", "processing"},
    {"source", "failed", "ready"},
    {"source", "failed", "partial"},
    {"job", "pending", "queued"},
    {"job", "pending", "in_progress"},
    {"job", "pending", "completed"},
    {"job", "pending", "partial"},
    {"job", "pending", "failed"},
    {"job", "pending", "canceled"},
    {"job", "queued", "in_progress"},
    {"job", "queued", "completed"},
    {"job", "queued", "partial"},
    {"job", "queued", "failed"},
    {"job", "queued", "canceled"},
    {"job", "in_progress", "completed"},
    {"job", "in_progress", "partial"},
    {"job", "in_progress", "failed"},
    {"job", "in_progress", "canceled"},
    {"job", "completed", "queued"},
    {"job", "partial", "queued"},
    {"job", "failed", "queued"},
    {"job", "canceled", "queued"},
    {"document", "pending", "processing"},
    {"document", "pending", "stored"},
    {"document", "pending", "failed"},
    {"document", "pending", "deleted"},
    {"document", "processing", "pending"},
    {"document", "processing", "stored"},
    {"document", "processing", "failed"},
    {"document", "processing", "deleted"},
    {"document", "stored", "pending"},
    {"document", "stored", "processing"},
    {"document", "stored", "failed"},
    {"document", "stored", "deleted"},
    {"document", "failed", "pending"},
    {"document", "failed", "processing"},
    {"document", "failed", "stored"},
    {"document", "failed", "deleted"},
    {"document", "deleted", "pending"},
    {"document", "deleted", "stored"},
    {"task", "pending", "queued"},
    {"task", "pending", "in_progress"},
    {"task", "pending", "failed"},
    {"task", "pending", "canceled"},
    {"task", "queued", "pending"},
    {"task", "queued", "in_progress"},
    {"task", "queued", "failed"},
    {"task", "queued", "canceled"},
    {"task", "in_progress", "pending"},
    {"task", "in_progress", "queued"},
    {"task", "in_progress", "completed"},
    {"task", "in_progress", "failed"},
    {"task", "in_progress", "canceled"},
    {NULL, NULL, NULL},
};

int
state_may_move(enum state_kind kind, const char *before, const char *after)
{
	for (const struct state_move *m = state_moves; m->kind != NULL; m++)
		if (strcmp(m->kind, kind_names[kind]) == 0 &&
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
