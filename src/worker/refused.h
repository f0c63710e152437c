/*
 * refused - tasks and jobs whose rows the database refuses
 *
 * One bad row stops no other rows. A task is reported once, and this worker
 * leaves it alone for a while. A job that cannot be repaired is reported once.
 */
#ifndef WORKER_REFUSED_H
#define WORKER_REFUSED_H

#include <stdint.h>

struct worker;
struct worker_refused;

/*
 * Keep an id of 16 bytes for ten minutes from now. Returns whether it is new.
 */
int worker_refused_note(
    struct worker_refused *r, double now, const uint8_t *id);
/* Forget the ids whose time is over. */
void worker_refused_expire(struct worker_refused *r, double now);

/* Leave a task alone for a while; why is the database's message. */
void worker_refused_add(struct worker *w, const uint8_t *id, const char *why);
/* Whether a task is left alone. */
int worker_refused_has(const struct worker *w, const uint8_t *id);

#endif
