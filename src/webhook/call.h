/*
 * call - one request and its answer, however it came in
 *
 * call_begin, call_body for each part of the body, call_end; if that gives
 * CALL_SAVE, the event is saved with others (receiver_save), then call_saved.
 * The answer is in the call then. A request that is refused early is read on,
 * so that the sender sees the answer.
 */
#ifndef WEBHOOK_CALL_H
#define WEBHOOK_CALL_H

#include <stddef.h>

#include "base/buf.h"
#include "source/verifier.h"
#include "source/webhook_event.h"
#include "store/webhook.h"

struct receiver;

enum { CALL_HEADERS = 100, CALL_HEAD = 16 * 1024 };
enum call_next { CALL_ANSWER, CALL_SAVE };

struct call {
	/* Of the request. */
	const char *method, *target; /* borrowed */
	int is_decoded;		     /* target has no percent-encoding */
	struct verifier_header header[CALL_HEADERS]; /* borrowed */
	size_t n_headers;
	struct buf body;
	size_t counted; /* bytes of body in receiver's memory */
	/* Of its source. */
	char *source;
	struct verifier verifier;
	int has_map;
	/* Of its event. */
	struct webhook event;
	struct webhook_event meaning;
	struct buf content_type, headers;
	/* Of the answer. status 0: there is none yet. */
	int status;
	const char *why; /* static: why it was refused */
	const char *type;
	struct buf answer;
};

/* The method, the target and the headers are there. */
void call_begin(struct receiver *r, struct call *c);
/* n bytes of the body. */
void call_body(struct receiver *r, struct call *c, const void *p, size_t n);
/* The body is complete. */
enum call_next call_end(struct receiver *r, struct call *c);
/* The event was given to receiver_save. */
void call_saved(struct receiver *r, struct call *c);
/* Make it the answer that a request is refused. why is static. */
void call_refuse(
    struct receiver *r, struct call *c, int status, const char *why);
/* Free what the call has; it can be used again if it is made zeros. */
void call_free(struct receiver *r, struct call *c);

/* The words of a status, such as "Not Found". */
const char *call_reason(int status);
/* Seconds for the header Retry-After, or 0. */
int call_retry_after(const struct call *c);

#endif
