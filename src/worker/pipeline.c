#include "pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/time.h"
#include "record/record.h"
#include "record/record_in.h"
#include "stage_log.h"
#include "stages.h"

enum { KEEP = 1 << 20 };

/*
 * Seconds to wait after the end of a stage, for its last output, and for the
 * ends of other stages that it causes.
 */
static const double moment = 0.1;

struct worker_pipeline {
	struct worker_stages stages;
	int in, out; /* -1 when closed */
	int finishing;
	int eof;	 /* the output has ended */
	double ended_at; /* when all stages were seen to have ended; or 0 */
	size_t max_record;
	struct buf unsent;
	size_t sent; /* bytes at the start of unsent that were written */
	struct record_in *records;
};

struct worker_pipeline *
worker_pipeline_new(const char *command, size_t max_record)
{
	struct worker_pipeline *p = x_calloc(1, sizeof(*p));

	p->in = p->out = -1;
	p->max_record = max_record;
	worker_stages_parse(&p->stages, command);
	return p;
}

void
worker_pipeline_free(struct worker_pipeline *p)
{
	struct worker_pipeline_end end;

	if (p == NULL)
		return;
	worker_pipeline_stop(p, &end);
	worker_stages_free(&p->stages);
	buf_free(&p->unsent);
	free(p);
}

int
worker_pipeline_is_running(const struct worker_pipeline *p)
{
	return p->out != -1;
}

int
worker_pipeline_is_finishing(const struct worker_pipeline *p)
{
	return p->finishing;
}

int
worker_pipeline_start(struct worker_pipeline *p)
{
	struct record_in_options options = {.max_record = p->max_record};
	struct worker_pipeline_end end;

	if (worker_pipeline_is_running(p))
		return 0;
	p->finishing = p->eof = 0;
	p->ended_at = 0;
	if (worker_stages_start(&p->stages, &p->in, &p->out) == -1) {
		int failure = errno;

		p->in = p->out = -1;
		worker_stages_kill(&p->stages, &end);
		errno = failure;
		return -1;
	}
	fcntl(p->in, F_SETFL, O_NONBLOCK);
	p->records = record_in_open(p->out, &options);
	return 0;
}

void
worker_pipeline_send(struct worker_pipeline *p, const char *bytes, size_t n)
{
	if (p->sent == p->unsent.len) {
		buf_reset(&p->unsent, KEEP);
		p->sent = 0;
	}
	buf_add(&p->unsent, bytes, n);
}

size_t
worker_pipeline_unsent(const struct worker_pipeline *p)
{
	return p->unsent.len - p->sent;
}

static void
close_input(struct worker_pipeline *p)
{
	if (p->in != -1)
		close(p->in);
	p->in = -1;
}

/* Write what the pipe takes now. A broken pipe shows as end of output. */
static void
write_some(struct worker_pipeline *p)
{
	while (p->in != -1 && worker_pipeline_unsent(p) > 0) {
		ssize_t n = write(
		    p->in, p->unsent.data + p->sent, worker_pipeline_unsent(p));

		if (n == -1) {
			if (errno == EPIPE)
				close_input(p);
			break;
		}
		p->sent += (size_t)n;
	}
	if (p->finishing && worker_pipeline_unsent(p) == 0)
		close_input(p);
}

void
worker_pipeline_listen(struct worker_pipeline *p)
{
	for (int i = 0; i < p->stages.n; i++)
		worker_stage_log_read(&p->stages.stage[i].log);
}

void
worker_pipeline_wait(struct worker_pipeline *p, int timeout)
{
	struct pollfd fds[2 + WORKER_STAGES_MAX];
	int n = 2;

	write_some(p);
	fds[0] = (struct pollfd){.fd = p->out, .events = POLLIN};
	fds[1] =
	    (struct pollfd){.fd = worker_pipeline_unsent(p) > 0 ? p->in : -1,
		.events = POLLOUT};
	for (int i = 0; i < p->stages.n; i++)
		fds[n++] = (struct pollfd){
		    .fd = p->stages.stage[i].log.fd, .events = POLLIN};
	/* poll() does not see bytes that are already in the reader's buffer. */
	if (record_in_wait(p->records, 0) == 1)
		timeout = 0;
	if (poll(fds, (nfds_t)n, timeout) > 0 && fds[1].revents != 0)
		write_some(p);
}

/* Whether all stages have ended, a moment ago or earlier. */
static int
is_over(struct worker_pipeline *p)
{
	if (!worker_stages_watch(&p->stages))
		return 0;
	if (p->ended_at == 0)
		p->ended_at = time_now();
	return time_now() - p->ended_at >= moment;
}

int
worker_pipeline_read(struct worker_pipeline *p, struct record *r)
{
	/* A process that a stage left behind may hold the output open. */
	if (record_in_wait(p->records, 0) != 1) {
		p->eof = is_over(p);
		return p->eof ? -1 : 0;
	}
	switch (record_in_read(p->records, r)) {
	case RECORD_OK:
		return 1;
	case RECORD_REFUSED:
		r->type = RECORD_FOREIGN;
		r->root = NULL;
		return 1;
	default:
		p->eof = 1;
		return -1;
	}
}

void
worker_pipeline_finish(struct worker_pipeline *p)
{
	p->finishing = 1;
	write_some(p);
}

/*
 * When a stage dies, its neighbours end soon after. Wait a moment for them, so
 * that only stages that hang are killed here, and this kill is not taken for a
 * cause.
 */
static void
let_end(struct worker_pipeline *p)
{
	double until = time_now() + moment;

	while (!worker_stages_watch(&p->stages) && time_now() < until) {
		worker_pipeline_listen(p);
		time_sleep(0.002);
	}
}

int
worker_pipeline_stop(struct worker_pipeline *p, struct worker_pipeline_end *end)
{
	int clean;

	close_input(p);
	if (p->eof || p->stages.ended > 0)
		let_end(p);
	clean = worker_stages_kill(&p->stages, end);
	if (p->out != -1)
		close(p->out);
	p->out = -1;
	p->finishing = 0;
	record_in_close(p->records);
	p->records = NULL;
	buf_reset(&p->unsent, KEEP);
	p->sent = 0;
	return clean;
}
