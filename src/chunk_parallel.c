/*
 * One thread reads lines and gathers them in batches; workers parse and chunk
 * a batch each; the reading thread writes the results in the order of the
 * batches. When the input would block, everything in flight is waited for and
 * written, so that the flush rule holds here too.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "chunk_tool.h"
#include "cli.h"
#include "xalloc.h"

enum {
	BATCH_SIZE = 1 << 18, /* bytes of lines, unless one is longer */
	BATCH_KEEP = 1 << 20,
	BATCHES_PER_WORKER = 2
};

struct line {
	struct rec rec; /* line is set when the batch is complete */
	size_t start;
	enum rec_status status;
};

struct batch {
	struct buf text;
	struct line *lines;
	size_t count, cap;
	struct rec_out *out; /* what came of it */
	int done;
};

struct crew {
	const struct options *options;
	struct rec_out *out;
	pthread_t *threads;
	struct batch *ring;
	size_t size;
	/* Batches by number: written < taken <= filled <= written + size. */
	size_t filled, taken, written;
	size_t refused;
	int stop;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
};

static void
handle_batch(struct worker *w, struct rec_in *parser, struct batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct line *l = &b->lines[i];

		l->rec.line = b->text.data + l->start;
		worker_handle(w, parser, &l->rec, l->status);
	}
}

static void *
run_worker(void *argument)
{
	struct crew *crew = argument;
	struct rec_in *parser = rec_in_open(-1, &crew->options->rec);
	struct rec_out *out = rec_out_open(-1);
	struct worker *w = worker_new(crew->options, out);

	pthread_mutex_lock(&crew->lock);
	for (;;) {
		struct batch *b;

		while (crew->taken == crew->filled && !crew->stop)
			pthread_cond_wait(&crew->work, &crew->lock);
		if (crew->taken == crew->filled)
			break;
		b = &crew->ring[crew->taken++ % crew->size];
		pthread_mutex_unlock(&crew->lock);
		handle_batch(w, parser, b);
		rec_move(b->out, out);
		pthread_mutex_lock(&crew->lock);
		b->done = 1;
		pthread_cond_signal(&crew->done);
	}
	crew->refused += worker_refused(w);
	pthread_mutex_unlock(&crew->lock);
	worker_free(w);
	rec_out_close(out);
	rec_in_close(parser);
	return NULL;
}

/* Write the results of the oldest batch, when they are there. */
static void
write_oldest(struct crew *crew)
{
	struct batch *b = &crew->ring[crew->written % crew->size];

	pthread_mutex_lock(&crew->lock);
	while (!b->done)
		pthread_cond_wait(&crew->done, &crew->lock);
	pthread_mutex_unlock(&crew->lock);
	if (rec_move(crew->out, b->out) == -1)
		die_output();
	b->done = 0;
	b->count = 0;
	buf_reset(&b->text, BATCH_KEEP);
	crew->written++;
}

/* Hand the batch that is being filled to the workers. */
static void
submit(struct crew *crew)
{
	struct batch *b = &crew->ring[crew->filled % crew->size];

	if (b->count == 0)
		return;
	pthread_mutex_lock(&crew->lock);
	crew->filled++;
	pthread_cond_signal(&crew->work);
	pthread_mutex_unlock(&crew->lock);
	if (crew->filled - crew->written == crew->size)
		write_oldest(crew);
}

static void
finish(void *argument)
{
	struct crew *crew = argument;

	submit(crew);
	while (crew->written < crew->filled)
		write_oldest(crew);
	if (rec_flush(crew->out) == -1)
		die_output();
}

static void
add_line(struct crew *crew, const struct rec *r, enum rec_status status)
{
	struct batch *b = &crew->ring[crew->filled % crew->size];

	if (b->count == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 64;
		b->lines = x_realloc(b->lines, b->cap, sizeof(*b->lines));
	}
	b->lines[b->count++] = (struct line){*r, b->text.len, status};
	buf_add(&b->text, r->line, r->len);
	if (b->text.len >= BATCH_SIZE)
		submit(crew);
}

static void
start_crew(struct crew *crew)
{
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->work, NULL);
	pthread_cond_init(&crew->done, NULL);
	crew->size = (size_t)crew->options->workers * BATCHES_PER_WORKER;
	crew->ring = x_calloc(crew->size, sizeof(*crew->ring));
	for (size_t i = 0; i < crew->size; i++)
		crew->ring[i].out = rec_out_open(-1);
	crew->threads =
	    x_calloc(crew->options->workers, sizeof(*crew->threads));
	for (unsigned i = 0; i < crew->options->workers; i++) {
		int error =
		    pthread_create(&crew->threads[i], NULL, run_worker, crew);

		if (error != 0)
			cli_die(CLI_UNAVAILABLE, "thread %u: %s", i,
			    strerror(error));
	}
}

static void
stop_crew(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->stop = 1;
	pthread_cond_broadcast(&crew->work);
	pthread_mutex_unlock(&crew->lock);
	for (unsigned i = 0; i < crew->options->workers; i++)
		pthread_join(crew->threads[i], NULL);
	for (size_t i = 0; i < crew->size; i++) {
		rec_out_close(crew->ring[i].out);
		buf_free(&crew->ring[i].text);
		free(crew->ring[i].lines);
	}
	free(crew->ring);
	free(crew->threads);
	pthread_cond_destroy(&crew->work);
	pthread_cond_destroy(&crew->done);
	pthread_mutex_destroy(&crew->lock);
}

enum rec_status
handle_in_parallel(
    const struct options *o, struct rec_out *out, size_t *refused)
{
	struct crew crew = {.options = o, .out = out};
	struct rec_options options = o->rec;
	enum rec_status status;
	struct rec_in *in;
	struct rec r;
	int error;

	start_crew(&crew);
	options.idle = finish;
	options.idle_argument = &crew;
	in = rec_in_open(STDIN_FILENO, &options);
	while (
	    (status = rec_read_line(in, &r)) == REC_OK || status == REC_REFUSED)
		add_line(&crew, &r, status);
	error = errno;
	finish(&crew);
	stop_crew(&crew);
	*refused += crew.refused;
	rec_in_close(in);
	errno = error;
	return status;
}
