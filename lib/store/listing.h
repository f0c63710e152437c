/*
 * listing - sources, workers and failures, to be shown to people
 *
 * Results are in text form, NULL with db_error, freed by the caller. The
 * order of the columns is that of lib/store/sql/listing.sql.
 */
#ifndef LISTING_H
#define LISTING_H

#include <stdint.h>

#include "base/digest.h"

struct db;
struct db_result;

/*
 * By name: id, name, kind, uri, status, documents, stored, incomplete, failed,
 * chunks, job id, updated at, seconds since, collection.
 */
struct db_result *listing_sources(struct db *d);
/* Latest first: name, host, pid, queues with commas between, status, tasks,
   documents, busy seconds, started at, heartbeat at, seconds since. */
struct db_result *listing_workers(struct db *d);
/* How many documents of a job were stored or failed within the last seconds. -1
   with db_error. */
int64_t listing_recent(
    struct db *d, const uint8_t job[static DIGEST_UUID], int seconds);
/* How documents of a job failed, most frequent first, at most 5: how many,
   stage, class, a message. */
struct db_result *listing_failures(
    struct db *d, const uint8_t job[static DIGEST_UUID]);

#endif
