/*
 * refused - tasks and jobs whose rows the database refuses
 *
 * One bad row stops no others: a task is said once and left alone for a while,
 * by this worker; a job that cannot be put right is said once.
 */
#ifndef WORKER_REFUSED_H
#define WORKER_REFUSED_H

#include <stdint.h>

struct worker;
struct worker_refused;

/* Keep the id of 16 bytes for ten minutes from now; whether it is new. */
int worker_refused_note(
    struct worker_refused *r, double now, const uint8_t *id);
/* Forget those whose time is over. */
void worker_refused_expire(struct worker_refused *r, double now);

/* Leave a task alone; why is the database's word. */
void worker_refused_add(struct worker *w, const uint8_t *id, const char *why);
/* Whether it is left alone. */
int worker_refused_has(const struct worker *w, const uint8_t *id);

#endif
