/*
 * queue - tasks in Redis, as RQ keeps them
 *
 * Every change is one Lua script (lib/queue/lua), so a task is in exactly one
 * place at every instant; times are the server's. A claim is fenced: once a
 * task was taken back from its worker, that worker's calls for it return 0
 * ("lost") and change nothing.
 *
 * Connects at the first call and again whenever the connection was lost; a
 * call that fails is safe to repeat. Functions return -1 on failure, with
 * queue_error() saying why and queue_unavailable() whether to try again later.
 * Commands time out after five seconds. Needs Redis >= 6.2.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include "queue/options.h"

struct buf;
struct queue;

/*
 * Whether s can be the name of a function: letters, digits and _ with dots
 * between. A task is for pl if the last part of its function's name is the last
 * part of the function in the options.
 */
int queue_function_ok(const char *s);

/*
 * A handle for url, not connected yet; options may be NULL. URL forms:
 * redis://[user][:password]@host[:port][/db], unix:///path[?db=n],
 * redis+unix://, and "none". NULL with *why (static text) for any other.
 */
struct queue *queue_open(
    const char *url, const struct queue_options *options, const char **why);
void queue_close(struct queue *q);
/* Why the last call failed. Never names the password. */
const char *queue_error(const struct queue *q);
/* Whether it failed because Redis was out of reach, loading or full. */
int queue_unavailable(const struct queue *q);
/* Append where Redis is: redis_place. */
void queue_place(const struct queue *q, struct buf *out);
/* Whether the URL is "none": there is no Redis, and every call fails. */
int queue_is_none(const struct queue *q);
/*
 * Unfit tasks that the last claim dropped or filed as failed, one line each,
 * for the log; NULL if there were none.
 */
const char *queue_note(const struct queue *q);

#endif
