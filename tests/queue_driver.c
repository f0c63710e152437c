/*
 * queue_driver - lib/queue from a shell: one command a line on standard input
 *
 * usage: queue_driver [-p] URL      (-p: plain wip format)
 *
 * Every command answers with lines of words; a failure is "error ...". It
 * holds no claims: a settling command names queue, id and execution.
 */
#include "base/time.h"
#include "queue/admin.h"
#include "queue/claim.h"
#include "queue/push.h"
#include "queue/queue.h"
#include "queue/settle.h"
#include "queue/stats.h"
#include "queue/worker.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/stop.h"
#include "tool/cli.h"

enum { WORDS = 5000 };

static struct queue *q;
static char *words[WORDS + 1];
static size_t count;

static void
say_error(void)
{
	printf("error%s %s\n", queue_unavailable(q) ? " unavailable" : "",
	    queue_error(q));
}

static void
say(int64_t v)
{
	if (v == -1)
		say_error();
	else
		printf("%" PRId64 "\n", v);
}

/* word i as a number, or fallback */
static int64_t
number(size_t i, int64_t fallback)
{
	return i < count ? strtoll(words[i], NULL, 10) : fallback;
}

/* Words from i on, "a,b" as two, in place. */
static size_t
list(size_t i, char **out, size_t max)
{
	size_t n = 0;

	if (i >= count)
		return 0;
	for (char *s = words[i]; s != NULL && n < max;) {
		char *comma = strchr(s, ',');

		out[n++] = s;
		if (comma != NULL)
			*comma++ = '\0';
		s = comma;
	}
	return n;
}

/* The i-th task's id: predictable, a UUID. */
static void
make_id(uint64_t i, char out[static DIGEST_UUID_TEXT])
{
	snprintf(out, DIGEST_UUID_TEXT, "00000000-0000-4000-8000-%012" PRIx64,
	    i & 0xFFFFFFFFFFFF);
}

/* push QUEUE FROM COUNT [DOCUMENTS [DELAY [FRONT [ATTEMPTS [TIMEOUT]]]]] */
static void
push(void)
{
	uint64_t from = (uint64_t)number(2, 1);
	size_t n = (size_t)number(3, 1), documents = (size_t)number(4, 2);
	struct queue_task *tasks = x_calloc(n, sizeof(*tasks));
	char(*ids)[DIGEST_UUID_TEXT] = x_calloc(n, sizeof(*ids));
	uint8_t(*uuids)[16] = x_calloc(documents, 16);
	const char *job = getenv("QUEUE_DRIVER_JOB");
	int64_t delay = number(5, 0);
	double begun;

	for (size_t i = 0; i < documents; i++)
		digest_uuid5(digest_namespace, &i, sizeof(i), uuids[i]);
	for (size_t i = 0; i < n; i++) {
		make_id(from + i, ids[i]);
		tasks[i] = (struct queue_task){.id = ids[i],
		    .queue = words[1],
		    .job_id =
			job ? job : "11111111-1111-4111-8111-111111111111",
		    .document_ids = (const uint8_t(*)[16])uuids,
		    .count = documents,
		    .run_at = delay ? time(NULL) + delay : 0,
		    .at_front = (int)number(6, 0),
		    .attempts_max = (int)number(7, 0),
		    .timeout_seconds = number(8, 0)};
	}
	begun = time_now();
	say(queue_push(q, tasks, n));
	if (getenv("QUEUE_DRIVER_TIME") != NULL)
		fprintf(stderr, "%zu tasks in %.3f s: %.0f/s\n", n,
		    time_now() - begun, (double)n / (time_now() - begun));
	free(tasks);
	free(ids);
	free(uuids);
}

static void
say_claim(const struct queue_claim *c)
{
	printf("claim %s %s %s", c->queue, c->id, c->execution);
	if (c->malformed != NULL)
		printf(" malformed %s\n", c->malformed);
	else
		printf(" %s %zu attempt %" PRId64 "/%" PRId64
		       " timeout %" PRId64 "\n",
		    c->job_id, c->count, c->attempt, c->attempts_max,
		    c->timeout_seconds);
}

/* claim WORKER QUEUE,QUEUE... [MAX] */
static void
claim(void)
{
	struct queue_claim claims[QUEUE_CLAIM_MAX];
	char *queues[16];
	size_t n = list(2, queues, 16);
	int k = queue_claim_many(q, (const char *const *)queues, n, words[1],
	    claims, (size_t)number(3, 1));

	if (queue_note(q) != NULL)
		printf("note %s\n", queue_note(q));
	if (k == QUEUE_SUSPENDED || k == QUEUE_PAUSED)
		printf("%s\n", k == QUEUE_PAUSED ? "paused" : "suspended");
	else if (k == 0)
		printf("nothing\n");
	else if (k < 0)
		say_error();
	for (int i = 0; i < k; i++) {
		say_claim(&claims[i]);
		queue_claim_free(&claims[i]);
	}
}

/* drain WORKER QUEUE,... MAX: claim and complete until nothing is there */
static void
drain(void)
{
	static struct queue_claim claims[QUEUE_CLAIM_MAX];
	const struct queue_claim *settled[QUEUE_CLAIM_MAX];
	char *queues[16];
	size_t n = list(2, queues, 16);
	int64_t sum = 0;
	double begun = time_now();

	for (;;) {
		int k = queue_claim_many(q, (const char *const *)queues, n,
		    words[1], claims, (size_t)number(3, 1));
		int done = 0;

		if (k == 0)
			break;
		if (k > 0) {
			for (int i = 0; i < k; i++)
				settled[i] = &claims[i];
			done = k == 1 ? queue_complete(q, words[1], settled[0],
					    "{\"ok\": true}")
				      : queue_complete_many(q, words[1],
					    settled, NULL, (size_t)k, NULL);
		}
		for (int i = 0; i < k; i++)
			queue_claim_free(&claims[i]);
		if (k < 0 || done < 0) {
			say_error();
			return;
		}
		sum += done;
	}
	printf("%" PRId64 "\n", sum);
	if (getenv("QUEUE_DRIVER_TIME") != NULL)
		fprintf(stderr, "%" PRId64 " tasks in %.3f s: %.0f/s\n", sum,
		    time_now() - begun, (double)sum / (time_now() - begun));
}

/*
 * overlap WORKER QUEUE,... MAX: drain as a worker does, which asks ahead,
 * completes later and makes other calls in between. Prints how many it took.
 */
static void
overlap(void)
{
	static struct queue_claim claims[QUEUE_CLAIM_MAX];
	const struct queue_claim *settled[QUEUE_CLAIM_MAX];
	char *queues[16];
	size_t n = list(2, queues, 16);
	int sum = 0, k, failed;

	do {
		failed = queue_ask(q, (const char *const *)queues, n, words[1],
			     (size_t)number(3, 1)) == -1;
		queue_ping(q);
		k = queue_take(q, claims);
		for (int i = 0; i < k; i++)
			settled[i] = &claims[i];
		if (k > 0)
			failed |= queue_complete_later(q, words[1], settled,
				      NULL, (size_t)k) == -1;
		for (int i = 0; i < k; i++)
			queue_claim_free(&claims[i]);
		sum += k > 0 ? k : 0;
	} while (k > 0);
	if (failed || k < 0)
		say_error();
	else
		printf("%d\n", sum);
}

/* VERB WORKER QUEUE ID EXECUTION [ARGUMENT] */
static void
settle(void)
{
	struct queue_claim c = {
	    .queue = words[2], .id = words[3], .claimed_at = time_now() - 1};
	const struct queue_claim *one = &c;
	const char *w = words[1], *argument = count > 5 ? words[5] : NULL;
	int lost;

	if (count < 5) {
		printf("error usage\n");
		return;
	}
	snprintf(c.execution, sizeof(c.execution), "%s", words[4]);
	if (strcmp(words[0], "complete") == 0)
		say(queue_complete(q, w, &c, argument));
	else if (strcmp(words[0], "fail") == 0)
		say(queue_fail(q, w, &c, argument ? argument : "failed"));
	else if (strcmp(words[0], "stopped") == 0)
		say(queue_stopped(q, w, &c, argument ? argument : "stopped"));
	else if (strcmp(words[0], "retry") == 0)
		say(queue_retry(q, w, &c, argument ? atof(argument) : 0));
	else if (strcmp(words[0], "release") == 0)
		say(queue_release(q, w, &c));
	else if (queue_renew(q, w, &one, 1, &lost) == -1)
		say_error();
	else
		printf("%d\n", !lost);
}

static void
reap(void)
{
	struct queue_reaped r;

	if (queue_reap(q, words[1], &r) == -1)
		say_error();
	else
		printf("requeued %" PRIu64 " failed %" PRIu64
		       " dropped %" PRIu64 "\n",
		    r.requeued, r.failed, r.dropped);
}

static void
ids(void)
{
	const char *const *v = (const char *const *)(words + 1);

	if (strcmp(words[0], "cancel") == 0)
		say(queue_cancel(q, v, count - 1));
	else if (strcmp(words[0], "requeue") == 0)
		say(queue_requeue(q, v, count - 1));
	else
		say(queue_delete(q, v, count - 1));
}

static void
states(void)
{
	static enum queue_state out[WORDS];

	if (queue_states(q, (const char *const *)(words + 1), count - 1, out) ==
	    -1) {
		say_error();
		return;
	}
	for (size_t i = 0; i + 1 < count; i++)
		printf("%s%c", queue_state_name(out[i]),
		    i + 2 < count ? ' ' : '\n');
}

/* range VERB FROM COUNT: for many made ids, a line per state and its count */
static void
range(void)
{
	size_t n = (size_t)number(3, 1);
	char(*text)[DIGEST_UUID_TEXT] = x_calloc(n, sizeof(*text));
	const char **v = x_calloc(n, sizeof(*v));
	enum queue_state *out = x_calloc(n, sizeof(*out));
	size_t sums[QUEUE_UNKNOWN + 1] = {0};
	double begun = time_now();

	for (size_t i = 0; i < n; i++) {
		make_id((uint64_t)number(2, 1) + i, text[i]);
		v[i] = text[i];
	}
	if (strcmp(words[1], "cancel") == 0) {
		say(queue_cancel(q, v, n));
	} else if (strcmp(words[1], "requeue") == 0) {
		say(queue_requeue(q, v, n));
	} else if (strcmp(words[1], "delete") == 0) {
		say(queue_delete(q, v, n));
	} else if (queue_states(q, v, n, out) == -1) {
		say_error();
	} else {
		for (size_t i = 0; i < n; i++)
			sums[out[i]]++;
		for (int i = 0; i <= QUEUE_UNKNOWN; i++)
			if (sums[i] > 0)
				printf("%s %zu\n",
				    queue_state_name((enum queue_state)i),
				    sums[i]);
	}
	if (getenv("QUEUE_DRIVER_TIME") != NULL)
		fprintf(stderr, "%zu ids in %.3f s\n", n, time_now() - begun);
	free(text);
	free(v);
	free(out);
}

static void
stats(void)
{
	struct queue_stats s;

	if (queue_stats(q, words[1], &s) == -1) {
		say_error();
		return;
	}
	printf("length %" PRId64 " started %" PRId64 " scheduled %" PRId64
	       " failed %" PRId64 " finished %" PRId64 " deferred %" PRId64
	       " canceled %" PRId64 " busy %" PRId64 " idle %" PRId64
	       " suspended %" PRId64 " paused %d oldest %.0f\n",
	    s.length, s.started, s.scheduled, s.failed, s.finished, s.deferred,
	    s.canceled, s.busy, s.idle, s.suspended, s.paused, s.oldest);
}

/* birth|heartbeat|death NAME QUEUE,... [STATE] */
static void
worker(void)
{
	char *queues[16];
	struct queue_identity w = {.name = words[1],
	    .queues = (const char *const *)queues,
	    .count = list(2, queues, 16),
	    .pid = getpid(),
	    .host = "driver"};

	if (strcmp(words[0], "birth") == 0)
		say(queue_worker_birth(q, &w));
	else if (strcmp(words[0], "death") == 0)
		say(queue_worker_death(q, &w));
	else
		say(queue_worker_heartbeat(
		    q, &w, (enum queue_worker_state)number(3, 0)));
}

static void
flag(void)
{
	char *reason = NULL;

	if (strcmp(words[0], "pause") == 0)
		say(queue_pause(
		    q, words[1], words[2], number(3, 0), number(3, 0)));
	else if (strcmp(words[0], "resume") == 0)
		say(queue_resume(q, words[1]));
	else if (queue_paused(q, words[1], &reason) > 0)
		printf("%s\n", reason);
	else
		printf("open\n");
	free(reason);
}

static void
names(void)
{
	char **v;
	int64_t n = queue_names(q, &v);

	if (n == -1) {
		say_error();
		return;
	}
	for (int64_t i = 0; i < n; i++)
		printf("%s\n", v[i]);
	free(v);
}

/* ids QUEUE STATE-NAME [FROM [MAX]] */
static void
ids_at(void)
{
	int where = QUEUE_ABSENT;
	char **v;
	int64_t n;

	while (where < QUEUE_UNKNOWN &&
	       strcmp(queue_state_name((enum queue_state)where), words[2]) != 0)
		where++;
	n = queue_ids(q, words[1], (enum queue_state)where,
	    (size_t)number(3, 0), (size_t)number(4, 100), &v);
	if (n == -1) {
		say_error();
		return;
	}
	for (int64_t i = 0; i < n; i++)
		printf("%s%c", v[i], i + 1 < n ? ' ' : '\n');
	if (n == 0)
		printf("none\n");
	free(v);
}

/* peek ID */
static void
peek(void)
{
	struct queue_claim c;
	int status = queue_peek(q, words[1], &c);

	if (status == 1) {
		say_claim(&c);
		queue_claim_free(&c);
	} else {
		say(status);
	}
}

/* hear WORKER: one line for each command */
static void
hear(void)
{
	enum queue_command what;
	char *id;
	int status;

	while ((status = queue_hear(q, words[1], &what, &id)) == 1) {
		printf("%s %s\n", what == QUEUE_STOP ? "stop" : "shutdown",
		    id ? id : "-");
		free(id);
	}
	if (status == -1)
		say_error();
	else
		printf("heard\n");
}

static void
other(void)
{
	char *queues[16];

	if (strcmp(words[0], "promote") == 0)
		say(queue_promote(q, words[1]));
	else if (strcmp(words[0], "suspended") == 0)
		say(queue_suspended(q));
	else if (strcmp(words[0], "ping") == 0)
		printf("%s\n", queue_ping(q) >= 0 ? "pong" : queue_error(q));
	else if (strcmp(words[0], "sleep") == 0)
		poll(NULL, 0, (int)number(1, 0));
	else
		say(queue_wait(q, (const char *const *)queues,
		    list(1, queues, 16), (int)number(2, 1000)));
}

static const struct {
	const char *word;
	void (*run)(void);
	size_t least;
} verbs[] = {{"push", push, 3}, {"claim", claim, 3}, {"drain", drain, 3},
    {"overlap", overlap, 3}, {"complete", settle, 5}, {"fail", settle, 5},
    {"retry", settle, 5}, {"release", settle, 5}, {"renew", settle, 5},
    {"reap", reap, 2}, {"cancel", ids, 2}, {"requeue", ids, 2},
    {"delete", ids, 2}, {"states", states, 2}, {"range", range, 4},
    {"stats", stats, 2}, {"birth", worker, 3}, {"heartbeat", worker, 3},
    {"death", worker, 3}, {"pause", flag, 3}, {"resume", flag, 2},
    {"paused", flag, 2}, {"names", names, 1}, {"ids", ids_at, 3},
    {"peek", peek, 2}, {"hear", hear, 2}, {"stopped", settle, 5},
    {"promote", other, 2}, {"suspended", other, 1}, {"ping", other, 1},
    {"sleep", other, 2}, {"wait", other, 2}};

static void
run(char *line)
{
	count = 0;
	for (char *s = line; *s != '\0' && count < WORDS;) {
		size_t n = strcspn(s, " \n");

		if (n > 0)
			words[count++] = s;
		s += n;
		if (*s != '\0')
			*s++ = '\0';
	}
	words[count] = NULL;
	if (count == 0)
		return;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(verbs[i].word, words[0]) == 0 &&
		    count >= verbs[i].least) {
			verbs[i].run();
			fflush(stdout);
			return;
		}
	printf("error usage: %s\n", words[0]);
}

int
main(int argc, char **argv)
{
	struct queue_options options = {0};
	const char *why, *lease = getenv("QUEUE_DRIVER_LEASE");
	char *line = NULL;
	size_t cap = 0;
	int plain = argc > 2 && strcmp(argv[1], "-p") == 0;

	options.plain = plain;
	options.lease_seconds = lease ? atoi(lease) : 0;
	options.timeout_ms = 2000;
	options.function = getenv("QUEUE_DRIVER_FUNCTION");
	if (argc != 2 + plain) {
		fprintf(stderr, "usage: queue_driver [-p] URL\n");
		return CLI_USAGE;
	}
	stop_catch();
	q = queue_open(argv[1 + plain], &options, &why);
	if (q == NULL) {
		printf("error %s\n", why);
		return CLI_FAILED;
	}
	while (!stop_requested() && getline(&line, &cap, stdin) > 0)
		run(line);
	free(line);
	queue_close(q);
	return 0;
}
