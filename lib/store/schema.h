/*
 * schema - apply and check the migrations of lib/store/schema/
 *
 * Migrations are numbered and embedded at build; each is applied once, in
 * order. All missing ones are applied in one transaction under an advisory
 * lock.
 */
#ifndef SCHEMA_H
#define SCHEMA_H

struct buf;
struct db;

/* The version this build knows. */
int schema_version(void);
/*
 * Bring the database to schema_version. *from is the version found (0: none).
 * 0, or -1 with db_error.
 */
int schema_apply(struct db *d, int *from);
/*
 * 0 if the database has this build's version; 1 if not, with the fault and what
 * to do appended to why; -1 with db_error.
 */
int schema_check(struct db *d, struct buf *why);
/* Append the server's version. 0, or -1 with db_error. */
int schema_server(struct db *d, struct buf *version);
/*
 * 1, with the reason appended to why, when the server takes no writes; 0 when
 * it does; -1 with db_error.
 */
int schema_read_only(struct db *d, struct buf *why);
/* Append the path of the server's data. 1, 0 our role may not read it, -1. */
int schema_data_folder(struct db *d, struct buf *path);
/* Append the version of pgvector. 1, 0 it is not installed, -1. */
int schema_vector(struct db *d, struct buf *version);

#endif
