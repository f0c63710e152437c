/* Not in connect.c, so that a tool without Redis does not link hiredis. */
#include <stdlib.h>

#include "queue/queue.h"
#include "queue/stats.h"
#include "tool/cli.h"
#include "tool/connect.h"
#include "tool/own_servers.h"
#include "tool/secret.h"

struct queue *
connect_queue_handle(const struct queue_options *options, const char **why)
{
	const char *url = secret_env("PL_REDIS_URL");
	char *own = NULL;
	struct queue *q;

	if (url == NULL)
		url = secret_env("REDIS_URL");
	if (url == NULL)
		own = own_servers_redis();
	if (url == NULL)
		url = own ? own : "redis://127.0.0.1:6379";
	q = queue_open(url, options, why);
	free(own);
	return q;
}

struct queue *
connect_queue(const struct queue_options *options, int *is_away)
{
	const char *why;
	struct queue *q = connect_queue_handle(options, &why);

	if (q == NULL)
		cli_die(CLI_FAILED, "PL_REDIS_URL: %s", why);
	*is_away = queue_ping(q) < 0;
	if (*is_away && !queue_unavailable(q))
		cli_die(CLI_FAILED, "Redis: %s", queue_error(q));
	return q;
}
