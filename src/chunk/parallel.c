/*
 * The threads of a pool take turns to read: one thread reads a batch of lines,
 * and while it chunks them, the next thread reads. Batches are written in the
 * order in which they were read. A thread that finishes its batch before an
 * earlier batch is written leaves the output in a ring; the thread that writes
 * the earlier batch writes it, too.
 *
 * When the input would block, the reading thread handles the lines that it has,
 * and waits until all output is written. So every record is flushed before a
 * wait.
 */
#include "parallel.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "options.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"
#include "worker.h"

enum {
	BATCH_SIZE = 1 << 18, /* bytes of lines, unless one is longer */
	BATCH_LINES = 1024,
	BATCH_KEEP = 4 << 20,
	OUTPUT_MOST = 1 << 20 /* bytes of output to keep until it is due */
};

struct line {
	struct record record; /* its member line is set in handle_batch */
	size_t start;
	enum record_status status;
};

struct pool_thread {
	struct pool *pool;
	pthread_t id;
	struct chunk_worker *worker;
	struct record_in *parser;
	struct record_out *out;
	/* The batch. */
	struct buf text;
	struct line *lines;
	size_t count, cap;
};

/* The output of a batch that is finished and not written yet. */
struct slot {
	struct record_out *out;
	int done;
};

struct pool {
	const struct chunk_tool_options *options;
	struct record_out *out;
	struct pool_thread *threads;
	size_t size; /* number of threads, and of slots */

	pthread_mutex_t input;
	struct record_in *in;
	struct pool_thread *reader;
	size_t batches; /* read so far */
	enum record_status status;
	int error; /* errno of that status */

	pthread_mutex_t output;
	pthread_cond_t progress; /* signals a change of written */
	struct slot *ring;	 /* batch i is in slot i % size */
	size_t written;		 /* number of batches written */
	int is_writing;
};

static void
add_line(
    struct pool_thread *t, const struct record *r, enum record_status status)
{
	t->lines = x_grow(t->lines, t->count, &t->cap, sizeof(*t->lines));
	t->lines[t->count++] = (struct line){*r, t->text.len, status};
	buf_add(&t->text, r->line, r->len);
}

/* Read a batch, if the input has not ended. The caller has locked input. */
static void
read_batch(struct pool *pool, struct pool_thread *t)
{
	struct record r;

	pool->reader = t;
	while (pool->status == RECORD_OK && t->text.len < BATCH_SIZE &&
	       t->count < BATCH_LINES) {
		enum record_status status = record_in_line(pool->in, &r);

		if (status == RECORD_OK || status == RECORD_REFUSED) {
			add_line(t, &r, status);
		} else {
			pool->status = status;
			pool->error = errno;
		}
	}
}

/* Write the output of the batch that is due. The caller has locked output. */
static void
write_due(struct pool *pool, struct record_out *from)
{
	pool->is_writing = 1;
	pthread_mutex_unlock(&pool->output);
	output_check(record_out_move(pool->out, from));
	pthread_mutex_lock(&pool->output);
	pool->is_writing = 0;
}

static void
write_last_of_due(struct pool *pool, struct record_out *from)
{
	write_due(pool, from);
	pool->written++;
	pthread_cond_broadcast(&pool->progress);
}

/* Wait until a batch is due, and write its output so far. */
static void
write_early(struct pool *pool, struct pool_thread *t, size_t number)
{
	pthread_mutex_lock(&pool->output);
	while (pool->written < number)
		pthread_cond_wait(&pool->progress, &pool->output);
	write_due(pool, t->out);
	pthread_mutex_unlock(&pool->output);
}

static void
handle_batch(struct pool *pool, struct pool_thread *t, size_t number)
{
	for (size_t i = 0; i < t->count; i++) {
		struct line *l = &t->lines[i];

		l->record.line = t->text.data + l->start;
		chunk_worker_handle(
		    t->worker, t->parser, &l->record, l->status);
		if (record_out_pending(t->out) > OUTPUT_MOST)
			write_early(pool, t, number);
	}
	t->count = 0;
	buf_reset(&t->text, BATCH_KEEP);
}

/*
 * Write the output of a batch if it is due, and then the batches that waited
 * for it. Otherwise leave it in its slot, as soon as the slot is free.
 */
static void
deliver(struct pool *pool, struct pool_thread *t, size_t number)
{
	struct slot *slot = &pool->ring[number % pool->size];

	pthread_mutex_lock(&pool->output);
	while (number - pool->written >= pool->size)
		pthread_cond_wait(&pool->progress, &pool->output);
	if (number == pool->written) {
		write_last_of_due(pool, t->out);
	} else {
		record_out_move(slot->out, t->out);
		slot->done = 1;
	}
	while (!pool->is_writing) {
		slot = &pool->ring[pool->written % pool->size];
		if (!slot->done)
			break;
		slot->done = 0;
		write_last_of_due(pool, slot->out);
	}
	pthread_mutex_unlock(&pool->output);
}

/* Before the input blocks, handle and write all lines that were read. */
static void
handle_waiting(void *argument)
{
	struct pool *pool = argument;
	struct pool_thread *t = pool->reader;

	if (t->count > 0) {
		handle_batch(pool, t, pool->batches);
		deliver(pool, t, pool->batches++);
	}
	pthread_mutex_lock(&pool->output);
	while (pool->written < pool->batches)
		pthread_cond_wait(&pool->progress, &pool->output);
	output_check(record_out_flush(pool->out));
	pthread_mutex_unlock(&pool->output);
}

static void *
run_thread(void *argument)
{
	struct pool_thread *t = argument;
	struct pool *pool = t->pool;

	for (;;) {
		size_t number;

		pthread_mutex_lock(&pool->input);
		read_batch(pool, t);
		number = pool->batches;
		pool->batches += t->count > 0;
		pthread_mutex_unlock(&pool->input);
		if (t->count == 0)
			return NULL;
		handle_batch(pool, t, number);
		deliver(pool, t, number);
	}
}

/* Make the threads and start them. The first one is the calling thread. */
static void
start_pool(struct pool *pool)
{
	const struct chunk_tool_options *o = pool->options;

	pthread_mutex_init(&pool->input, NULL);
	pthread_mutex_init(&pool->output, NULL);
	pthread_cond_init(&pool->progress, NULL);
	pool->size = o->workers;
	pool->ring = x_calloc(pool->size, sizeof(*pool->ring));
	pool->threads = x_calloc(pool->size, sizeof(*pool->threads));
	for (size_t i = 0; i < pool->size; i++) {
		struct pool_thread *t = &pool->threads[i];

		pool->ring[i].out = record_out_open(-1);
		t->pool = pool;
		t->parser = record_in_open(-1, &o->record);
		t->out = record_out_open(-1);
		t->worker = chunk_worker_new(o, t->out);
	}
	for (size_t i = 1; i < pool->size; i++) {
		struct pool_thread *t = &pool->threads[i];
		int error = pthread_create(&t->id, NULL, run_thread, t);

		if (error != 0)
			cli_die(CLI_UNAVAILABLE, "thread %zu: %s", i,
			    strerror(error));
	}
}

/*
 * Wait for the threads, and free them. Returns how many records they refused.
 */
static size_t
stop_pool(struct pool *pool)
{
	size_t refused = 0;

	for (size_t i = 1; i < pool->size; i++)
		pthread_join(pool->threads[i].id, NULL);
	for (size_t i = 0; i < pool->size; i++) {
		struct pool_thread *t = &pool->threads[i];

		refused += chunk_worker_refused(t->worker);
		chunk_worker_free(t->worker);
		record_out_close(t->out);
		record_in_close(t->parser);
		buf_free(&t->text);
		free(t->lines);
		record_out_close(pool->ring[i].out);
	}
	free(pool->ring);
	free(pool->threads);
	pthread_cond_destroy(&pool->progress);
	pthread_mutex_destroy(&pool->output);
	pthread_mutex_destroy(&pool->input);
	return refused;
}

enum record_status
chunk_parallel_run(
    const struct chunk_tool_options *o, struct record_out *out, size_t *refused)
{
	struct pool pool = {.options = o, .out = out, .status = RECORD_OK};
	struct record_in_options options = o->record;

	options.idle = handle_waiting;
	options.idle_argument = &pool;
	pool.in = record_in_open(STDIN_FILENO, &options);
	start_pool(&pool);
	run_thread(&pool.threads[0]);
	*refused += stop_pool(&pool);
	record_in_close(pool.in);
	errno = pool.error;
	return pool.status;
}
