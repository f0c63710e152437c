/*
 * task_lease - renew and give back the leases of claims
 *
 * See task_claim.h.
 */
#ifndef TASK_LEASE_H
#define TASK_LEASE_H

#include <stddef.h>
#include <stdint.h>

struct db;
struct task_claim;

/* Whether work on a task is still wanted, as of a renewal. */
enum task_state {
	TASK_MINE,
	TASK_LOST,     /* claimed by another, or given up: write nothing */
	TASK_CANCELED, /* its job was canceled */
	TASK_TIMED_OUT /* its job ran longer than it may */
};
/* Renew the leases of n claims; states has room for n. */
int task_renew(struct db *db, const struct task_claim *const *claims, size_t n,
    enum task_state *states);
/*
 * Record that a document of a claim is now the only one in the pipeline: if
 * workers die of it twice, it fails. 0 or -1.
 */
int task_note_alone(
    struct db *db, const struct task_claim *claim, const uint8_t *document);
/*
 * Give tasks back: documents without an outcome become pending, and no attempt
 * counts. Returns how many tasks, or -1.
 */
int task_release(
    struct db *db, const struct task_claim *const *claims, size_t n);

#endif
