/*
 * webhook - save the events that senders delivered to the webhooks of sources
 *
 * An event and the job that it causes are committed together (pl.receive in
 * lib/store/schema/007.sql), so whoever is told that it was saved may forget
 * it.
 */
#ifndef WEBHOOK_H
#define WEBHOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"

struct db;

enum webhook_state {
	WEBHOOK_OPEN,	/* not saved: Postgres was away */
	WEBHOOK_SAVED,	/* committed; also a repeat of one that was saved */
	WEBHOOK_REFUSED /* the database refuses this one */
};

/* An event. Strings are borrowed; NULL is SQL NULL. */
struct webhook {
	uint8_t source[DIGEST_UUID];
	uint8_t digest[DIGEST_SHA256]; /* of the body */
	const char *delivery, *type, *content_type;
	const char *headers; /* a JSON object */
	const char *action, *crawl;
	const void *body;
	size_t body_len;
	/* After webhook_save: */
	enum webhook_state state;
	int64_t event;
	char job[DIGEST_UUID_TEXT]; /* "": it caused none */
	int is_repeat;
};

/*
 * Save n events in one transaction, which sorts the pointers. If the database
 * refuses one of them, each is saved in a transaction of its own, so that one
 * bad event stops no other. 0 if each is saved or refused; -1 with db_error if
 * some are open: nothing is known of them.
 */
int webhook_save(struct db *d, struct webhook **events, size_t n);

/* A source that has a webhook. */
struct webhook_source {
	uint8_t id[DIGEST_UUID];
	char *name, *verifier;
	int has_map;
};
/*
 * All sources that have a webhook, by name; *n of them, which the caller frees
 * with webhook_sources_free. NULL with db_error.
 */
struct webhook_source *webhook_sources(struct db *d, size_t *n);
void webhook_sources_free(struct webhook_source *sources, size_t n);

#endif
