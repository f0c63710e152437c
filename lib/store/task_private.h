/*
 * task_private - what the parts of tasks share
 */
#ifndef TASK_PRIVATE_H
#define TASK_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

struct db_args;
struct task_claim;

/*
 * Append ids and attempts of claims as two arguments. Returns the ids, 16
 * bytes each, which the caller frees.
 */
uint8_t *task_arg_claims(
    struct db_args *a, const struct task_claim *const *claims, size_t n);

#endif
