/*
 * pipeline - the shell pipeline of stages that a worker feeds
 *
 * A coprocess in its own process group: records are written to its standard
 * input and read from its standard output.
 */
#ifndef WORKER_PIPELINE_H
#define WORKER_PIPELINE_H

#include <stddef.h>

#include "stages.h"

struct worker_pipeline;
struct record;

/* A pipeline for the shell text command, which is copied; not yet started. */
struct worker_pipeline *worker_pipeline_new(
    const char *command, size_t max_record);
/* Kill the pipeline if it runs, and free it. */
void worker_pipeline_free(struct worker_pipeline *p);
/* Start it if it does not run. 0, or -1 with errno. */
int worker_pipeline_start(struct worker_pipeline *p);
int worker_pipeline_is_running(const struct worker_pipeline *p);
/* Whether its input was closed by worker_pipeline_finish. */
int worker_pipeline_is_finishing(const struct worker_pipeline *p);

/* Take n bytes to be written; they are copied. */
void worker_pipeline_send(
    struct worker_pipeline *p, const char *bytes, size_t n);
/* Bytes taken and not yet written. */
size_t worker_pipeline_unsent(const struct worker_pipeline *p);
/* Wait at most timeout ms until something can be written or read, and write. */
void worker_pipeline_wait(struct worker_pipeline *p, int timeout);
/* Pass on what its stages say on standard error. */
void worker_pipeline_listen(struct worker_pipeline *p);
/*
 * The next record that has arrived: 1 with r, 0 when none is there now, -1
 * when the output, or all stages, have ended. A line that is no record is given
 * as RECORD_FOREIGN with r->root NULL.
 */
int worker_pipeline_read(struct worker_pipeline *p, struct record *r);
/*
 * Close its input once all bytes are written; the stages will answer, then end.
 */
void worker_pipeline_finish(struct worker_pipeline *p);

/*
 * Kill it; end and the result are those of worker_stages_kill. It may be
 * started again.
 */
int worker_pipeline_stop(
    struct worker_pipeline *p, struct worker_pipeline_end *end);

#endif
