/*
 * refused - tasks whose rows the database refuses
 *
 * One bad row stops no others: its task is said once and left alone for a
 * while, by this worker.
 */
#ifndef WORKER_REFUSED_H
#define WORKER_REFUSED_H

#include <stdint.h>

struct worker;

/* Leave the task of 16 bytes alone; why is the database's word. */
void worker_refused_add(struct worker *w, const uint8_t *id, const char *why);
/* Whether it is left alone. */
int worker_refused_has(const struct worker *w, const uint8_t *id);
/* Forget those whose time is over. */
void worker_refused_expire(struct worker *w);

#endif
