/*
 * doctor - find what is wrong with the configuration of the database
 */
#ifndef DOCTOR_H
#define DOCTOR_H

#include <stddef.h>

struct db;

/* The checks, from 0 on. */
enum { DOCTOR_CHECKS = 6 };
const char *doctor_name(size_t check);
/* A row for each finding: "warn" or "fail", and a message; or NULL. */
struct db_result *doctor_ask(struct db *d, size_t check);
/* Collections that a query can be embedded for, by name; or NULL. */
struct db_result *doctor_searchable(struct db *d);

#endif
