/*
 * tasks_part - what the parts of tasks share
 */
#ifndef TASKS_PART_H
#define TASKS_PART_H

#include <stddef.h>
#include <stdint.h>

struct db_args;
struct tasks_claim;

/*
 * Append ids and attempts of claims as two arguments. Returns the ids, 16
 * bytes each, which the caller frees.
 */
uint8_t *tasks_arg_claims(
    struct db_args *a, const struct tasks_claim *const *claims, size_t n);

#endif
