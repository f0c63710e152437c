/*
 * roles - roles of Postgres that the owner of the schema admitted
 *
 * A worker runs pl-worker and its stages, pl-enqueue and pl-webhook. An
 * enqueuer runs pl-enqueue and pl-webhook. A reader runs pl-search and the
 * commands of pl-jobctl that only show something.
 */
#ifndef ROLES_H
#define ROLES_H

struct buf;
struct db;

/*
 * Give the role the privileges of its kind, "worker", "enqueuer" or "reader",
 * and no others that it had in the schema; a kind of NULL takes all from it. 0;
 * 1 if it cannot be done, and why; -1 with db_error.
 */
int roles_set(
    struct db *d, const char *role, const char *kind, struct buf *why);
/* Inside a transaction: the same again for all roles and tables. 0 or -1. */
int roles_apply(struct db *d);
/* The admitted roles: role, kind, whether it bypasses RLS, since when; or NULL.
 */
struct db_result *roles_list(struct db *d);

#endif
