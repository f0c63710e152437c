/*
 * order - the tasks that Redis gives, claimed in Postgres
 *
 * An order is Redis' side of a claim. Postgres decides; an order that it does
 * not grant is settled in Redis at once.
 */
#ifndef WORKER_ORDER_H
#define WORKER_ORDER_H

#include <stddef.h>

#include "store/task_claim.h"

struct queue_claim;
struct worker;

/* This worker, as the functions of store/task_claim.h need it. */
struct task_claimer worker_order_claimer(struct worker *w);
/*
 * Claim the tasks of n orders in Postgres, and hold those that it grants; the
 * orders belong to this function. Returns how many were granted, or -1.
 */
int worker_order_claim(struct worker *w, struct queue_claim *orders, size_t n);
/* Give n orders back to Redis, and free them. */
void worker_order_release(
    struct worker *w, struct queue_claim *orders, size_t n);

#endif
