#include "queue/ended.h"

#include <string.h>

#include "queue/handle.h"
#include "queue/rq_job.h"

int64_t
queue_prune(struct queue *q, const char *const ids[], size_t n, int64_t age,
    int dry_run)
{
	if (queue_begin(q, QUEUE_PRUNE, 0) != 0)
		return -1;
	redis_int(q->redis, age);
	redis_int(q->redis, dry_run != 0);
	for (size_t i = 0; i < n; i++)
		if (rq_job_id_ok(ids[i], strlen(ids[i])))
			redis_str(q->redis, ids[i]);
	return queue_number(q);
}
