#include "queue_known.h"

#include <stdlib.h>
#include <string.h>

#include "jobctl.h"
#include "net/db_result.h"
#include "queue/queue.h"
#include "queue/stats.h"
#include "store/pause.h"
#include "tool/cli.h"
#include "tool/nearest.h"

struct search {
	struct nearest near;
	size_t base; /* bytes of the name before the collection, if any */
	int found;
};

/* A queue and its queues for single collections, Q@C, stand for each other. */
static void
consider(struct search *s, const char *known)
{
	size_t n = strcspn(known, "@");

	s->found |= n == s->base && strncmp(known, s->near.typed, n) == 0;
	nearest_consider(&s->near, known);
}

static void
consider_redis(struct queue *q, struct search *s, char ***names)
{
	int64_t n = q == NULL || queue_is_none(q) ? -1 : queue_names(q, names);

	for (int64_t i = 0; i < n; i++)
		consider(s, (*names)[i]);
}

void
jobctl_need_queue(struct jobctl *c, struct queue *q, const char *name)
{
	struct search s = {.near = {.typed = name}, .base = strcspn(name, "@")};
	const char *own = cli_env("PL_QUEUE", NULL);
	struct db_result *r = pause_names(c->db);
	char **names = NULL;

	if (r == NULL)
		jobctl_die(c);
	consider(&s, "processing");
	consider(&s, "ingest");
	if (own != NULL)
		consider(&s, own);
	for (int i = 0; i < db_rows(r); i++)
		consider(&s, db_text(r, i, 0));
	if (!s.found)
		consider_redis(q, &s, &names);
	if (!s.found)
		cli_die(CLI_FAILED,
		    "queue %s is not known%s%s%s: 'pl-jobctl queues' lists the "
		    "queues; --create pauses a queue that is not there yet",
		    name, s.near.word ? ": did you mean '" : "",
		    s.near.word ? s.near.word : "", s.near.word ? "'?" : "");
	free(names);
	db_result_free(r);
}
