/*
 * Hands, each a thread, take turns at the input: one reads some lines, a
 * batch, and while it chunks them the next one reads. Output is written in the
 * order in which the batches were read; what is finished too early is left in a
 * ring for the hand that writes what is in front of it. When the input would
 * block, the hand that is at it handles what it has and sees that all is
 * written, so that the flush rule holds here too.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "chunk_tool.h"
#include "record/record_in.h"
#include "record/record_out.h"
#include "tool/cli.h"
#include "tool/output.h"

enum {
	BATCH_SIZE = 1 << 18, /* bytes of lines, unless one is longer */
	BATCH_LINES = 1024,
	BATCH_KEEP = 4 << 20,
	OUTPUT_MOST = 1 << 20 /* bytes that are kept until they are due */
};

struct line {
	struct record rec; /* line is set when the batch is complete */
	size_t start;
	enum record_status status;
};

struct hand {
	struct crew *crew;
	pthread_t thread;
	struct worker *worker;
	struct record_in *parser;
	struct record_out *out;
	/* The batch. */
	struct buf text;
	struct line *lines;
	size_t count, cap;
};

/* The output of a batch that was not yet written. */
struct slot {
	struct record_out *out;
	int done;
};

struct crew {
	const struct options *options;
	struct record_out *out;
	struct hand *hands;
	size_t size; /* hands, and slots */

	pthread_mutex_t input;
	struct record_in *in;
	struct hand *reader;
	size_t batches; /* read so far */
	enum record_status status;
	int error; /* errno that goes with it */

	pthread_mutex_t output;
	pthread_cond_t progress; /* written has changed */
	struct slot *ring;	 /* batch i is in slot i % size */
	size_t written;		 /* batches */
	int is_writing;
};

static void
add_line(struct hand *h, const struct record *r, enum record_status status)
{
	if (h->count == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->lines = x_realloc(h->lines, h->cap, sizeof(*h->lines));
	}
	h->lines[h->count++] = (struct line){*r, h->text.len, status};
	buf_add(&h->text, r->line, r->len);
}

/* Read a batch, if the input has not ended. The input is locked. */
static void
read_batch(struct crew *crew, struct hand *h)
{
	struct record r;

	crew->reader = h;
	while (crew->status == RECORD_OK && h->text.len < BATCH_SIZE &&
	       h->count < BATCH_LINES) {
		enum record_status status = record_in_line(crew->in, &r);

		if (status == RECORD_OK || status == RECORD_REFUSED) {
			add_line(h, &r, status);
		} else {
			crew->status = status;
			crew->error = errno;
		}
	}
}

/* Write the output of the batch that is due. The output is locked. */
static void
write_due(struct crew *crew, struct record_out *from)
{
	crew->is_writing = 1;
	pthread_mutex_unlock(&crew->output);
	output_check(record_out_move(crew->out, from));
	pthread_mutex_lock(&crew->output);
	crew->is_writing = 0;
}

static void
write_last_of_due(struct crew *crew, struct record_out *from)
{
	write_due(crew, from);
	crew->written++;
	pthread_cond_broadcast(&crew->progress);
}

/* Wait until a batch is due and write what there is of its output. */
static void
write_early(struct crew *crew, struct hand *h, size_t number)
{
	pthread_mutex_lock(&crew->output);
	while (crew->written < number)
		pthread_cond_wait(&crew->progress, &crew->output);
	write_due(crew, h->out);
	pthread_mutex_unlock(&crew->output);
}

static void
handle_batch(struct crew *crew, struct hand *h, size_t number)
{
	for (size_t i = 0; i < h->count; i++) {
		struct line *l = &h->lines[i];

		l->rec.line = h->text.data + l->start;
		worker_handle(h->worker, h->parser, &l->rec, l->status);
		if (record_out_pending(h->out) > OUTPUT_MOST)
			write_early(crew, h, number);
	}
	h->count = 0;
	buf_reset(&h->text, BATCH_KEEP);
}

/*
 * Write the output of a batch if it is due, and what waits for it; else leave
 * it in its slot, once that is free.
 */
static void
deliver(struct crew *crew, struct hand *h, size_t number)
{
	struct slot *slot = &crew->ring[number % crew->size];

	pthread_mutex_lock(&crew->output);
	while (number - crew->written >= crew->size)
		pthread_cond_wait(&crew->progress, &crew->output);
	if (number == crew->written) {
		write_last_of_due(crew, h->out);
	} else {
		record_out_move(slot->out, h->out);
		slot->done = 1;
	}
	while (!crew->is_writing) {
		slot = &crew->ring[crew->written % crew->size];
		if (!slot->done)
			break;
		slot->done = 0;
		write_last_of_due(crew, slot->out);
	}
	pthread_mutex_unlock(&crew->output);
}

/* The input would block: what was read so far is handled and written first. */
static void
handle_waiting(void *argument)
{
	struct crew *crew = argument;
	struct hand *h = crew->reader;

	if (h->count > 0) {
		handle_batch(crew, h, crew->batches);
		deliver(crew, h, crew->batches++);
	}
	pthread_mutex_lock(&crew->output);
	while (crew->written < crew->batches)
		pthread_cond_wait(&crew->progress, &crew->output);
	output_check(record_out_flush(crew->out));
	pthread_mutex_unlock(&crew->output);
}

static void *
run_hand(void *argument)
{
	struct hand *h = argument;
	struct crew *crew = h->crew;

	for (;;) {
		size_t number;

		pthread_mutex_lock(&crew->input);
		read_batch(crew, h);
		number = crew->batches;
		crew->batches += h->count > 0;
		pthread_mutex_unlock(&crew->input);
		if (h->count == 0)
			return NULL;
		handle_batch(crew, h, number);
		deliver(crew, h, number);
	}
}

/* Make the hands, of which the first is this thread, then let them begin. */
static void
start_crew(struct crew *crew)
{
	const struct options *o = crew->options;

	pthread_mutex_init(&crew->input, NULL);
	pthread_mutex_init(&crew->output, NULL);
	pthread_cond_init(&crew->progress, NULL);
	crew->size = o->workers;
	crew->ring = x_calloc(crew->size, sizeof(*crew->ring));
	crew->hands = x_calloc(crew->size, sizeof(*crew->hands));
	for (size_t i = 0; i < crew->size; i++) {
		struct hand *h = &crew->hands[i];

		crew->ring[i].out = record_out_open(-1);
		h->crew = crew;
		h->parser = record_in_open(-1, &o->rec);
		h->out = record_out_open(-1);
		h->worker = worker_new(o, h->out);
	}
	for (size_t i = 1; i < crew->size; i++) {
		struct hand *h = &crew->hands[i];
		int error = pthread_create(&h->thread, NULL, run_hand, h);

		if (error != 0)
			cli_die(CLI_UNAVAILABLE, "thread %zu: %s", i,
			    strerror(error));
	}
}

/* Wait for the hands; returns how many records they refused. */
static size_t
stop_crew(struct crew *crew)
{
	size_t refused = 0;

	for (size_t i = 1; i < crew->size; i++)
		pthread_join(crew->hands[i].thread, NULL);
	for (size_t i = 0; i < crew->size; i++) {
		struct hand *h = &crew->hands[i];

		refused += worker_refused(h->worker);
		worker_free(h->worker);
		record_out_close(h->out);
		record_in_close(h->parser);
		buf_free(&h->text);
		free(h->lines);
		record_out_close(crew->ring[i].out);
	}
	free(crew->ring);
	free(crew->hands);
	pthread_cond_destroy(&crew->progress);
	pthread_mutex_destroy(&crew->output);
	pthread_mutex_destroy(&crew->input);
	return refused;
}

enum record_status
handle_in_parallel(
    const struct options *o, struct record_out *out, size_t *refused)
{
	struct crew crew = {.options = o, .out = out, .status = RECORD_OK};
	struct record_in_options options = o->rec;

	options.idle = handle_waiting;
	options.idle_argument = &crew;
	crew.in = record_in_open(STDIN_FILENO, &options);
	start_crew(&crew);
	run_hand(&crew.hands[0]);
	*refused += stop_crew(&crew);
	record_in_close(crew.in);
	errno = crew.error;
	return crew.status;
}
