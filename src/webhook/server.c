#include "server.h"

#include <limits.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/stop.h"
#include "base/time.h"
#include "call.h"
#include "listen.h"
#include "options.h"
#include "receiver.h"
#include "tool/cli.h"

enum {
	IDLE = 60,     /* seconds that a connection may be without a request */
	TICK_MS = 250, /* how often deadlines are looked at */
	STOP_READ = 2, /* seconds after a request to stop, to read the rest */
	ROUNDS = 64    /* of reading before a commit */
};

struct server;

/* A connection, and its request, if one has begun. */
struct connection {
	struct connection *next, **link;
	struct server *server;
	struct MHD_Connection *mhd;
	struct request *request;
	double idle_since;
	int is_cut;
};

struct request {
	struct connection *connection;
	struct call call;
	char *target;
	double deadline;
	int has_begun;	    /* its headers were read */
	int is_waiting;	    /* its event is collected, to be saved */
	struct buf headers; /* copies */
};

struct server {
	struct receiver *r;
	struct MHD_Daemon *daemon;
	int epoll;
	struct connection *connections;
	/* Requests whose events are to be saved. */
	struct request **waiting;
	struct webhook **events;
	size_t n_waiting, cap;
	size_t last;	     /* events of the last commit */
	double last_seconds; /* that it took */
	int has_resumed;     /* connections that are to be answered */
};

/* Connections. */

static void
on_connection(void *argument, struct MHD_Connection *mhd, void **context,
    enum MHD_ConnectionNotificationCode code)
{
	struct server *s = argument;
	struct connection *c = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		c = x_calloc(1, sizeof(*c));
		c->server = s;
		c->mhd = mhd;
		c->idle_since = time_now();
		c->next = s->connections;
		c->link = &s->connections;
		if (c->next != NULL)
			c->next->link = &c->next;
		s->connections = c;
		s->r->connections++;
		*context = c;
		return;
	}
	*c->link = c->next;
	if (c->next != NULL)
		c->next->link = c->link;
	s->r->connections--;
	free(c);
}

static struct connection *
connection_of(struct MHD_Connection *mhd)
{
	return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)
	    ->socket_context;
}

/*
 * Cut a connection: libmicrohttpd then sees its end. It has no call to answer a
 * request that is not complete, so that answer is written here.
 */
static void
cut(struct connection *c, const char *answer)
{
	int fd =
	    MHD_get_connection_info(c->mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
		->connect_fd;

	if (answer != NULL)
		send(fd, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_RDWR);
	c->is_cut = 1;
}

/* Requests. */

static void *
on_target(void *argument, const char *target, struct MHD_Connection *mhd)
{
	struct server *s = argument;
	struct request *q = x_calloc(1, sizeof(*q));

	q->connection = connection_of(mhd);
	q->connection->request = q;
	q->target = x_strdup(target);
	q->deadline = time_now() + (double)s->r->options->timeout / 1000;
	return q;
}

static void
on_completed(void *argument, struct MHD_Connection *mhd, void **context,
    enum MHD_RequestTerminationCode code)
{
	struct server *s = argument;
	struct request *q = *context;

	(void)mhd;
	(void)code;
	if (q == NULL)
		return;
	q->connection->request = NULL;
	q->connection->idle_since = time_now();
	call_free(s->r, &q->call);
	buf_free(&q->headers);
	free(q->target);
	free(q);
	*context = NULL;
}

static enum MHD_Result
take_header(void *argument, enum MHD_ValueKind kind, const char *name,
    const char *value)
{
	struct request *q = argument;
	struct call *c = &q->call;

	(void)kind;
	if (c->n_headers == CALL_HEADERS) {
		c->status = 431;
		return MHD_NO;
	}
	c->header[c->n_headers].name = name;
	c->header[c->n_headers++].value = value ? value : "";
	return MHD_YES;
}

/* Whether the client waits for our word before it sends the body. */
static int
is_expecting(const struct call *c)
{
	for (size_t i = 0; i < c->n_headers; i++)
		if (strcasecmp(c->header[i].name, "Expect") == 0)
			return 1;
	return 0;
}

static enum MHD_Result
answer(struct receiver *r, struct request *q)
{
	struct call *c = &q->call;
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    c->answer.len, c->answer.data, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result status;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", c->type);
	if (call_retry_after(c) > 0)
		MHD_add_response_header(response, "Retry-After", "2");
	if (c->status == 405)
		MHD_add_response_header(response, "Allow",
		    c->source == NULL && strncmp(c->target, "/hook/", 6) == 0
			? "POST"
			: "GET");
	if (stop_requested())
		MHD_add_response_header(response, "Connection", "close");
	status = MHD_queue_response(
	    q->connection->mhd, (unsigned)c->status, response);
	MHD_destroy_response(response);
	receiver_answered(r, c->status, q->target, c->why);
	return status;
}

static void
begin(struct server *s, struct request *q, const char *method)
{
	struct call *c = &q->call;

	q->has_begun = 1;
	c->method = method;
	c->target = q->target;
	MHD_get_connection_values(
	    q->connection->mhd, MHD_HEADER_KIND, take_header, q);
	if (c->status != 0)
		call_refuse(s->r, c, c->status, "too many headers");
	else
		call_begin(s->r, c);
}

/* The event waits for the commit, and its connection with it. */
static void
collect(struct server *s, struct request *q)
{
	s->waiting =
	    x_grow(s->waiting, s->n_waiting, &s->cap, sizeof(struct request *));
	s->waiting[s->n_waiting++] = q;
	q->is_waiting = 1;
	MHD_suspend_connection(q->connection->mhd);
}

/* Called with the headers, with each part of the body, at its end, and again
 * when the connection is resumed. */
static enum MHD_Result
on_request(void *argument, struct MHD_Connection *mhd, const char *url,
    const char *method, const char *version, const char *data, size_t *n,
    void **context)
{
	struct server *s = argument;
	struct request *q = *context;

	(void)mhd;
	(void)url;
	(void)version;
	if (q == NULL)
		return MHD_NO;
	if (!q->has_begun) {
		begin(s, q, method);
		return q->call.status != 0 && is_expecting(&q->call)
			   ? answer(s->r, q)
			   : MHD_YES;
	}
	if (*n > 0) {
		call_body(s->r, &q->call, data, *n);
		*n = 0;
		return MHD_YES;
	}
	if (q->call.status == 0 && call_end(s->r, &q->call) == CALL_SAVE) {
		collect(s, q);
		return MHD_YES;
	}
	return answer(s->r, q);
}

/* Deadlines. */

static void
time_out(struct server *s, struct connection *c)
{
	static const char late[] =
	    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
	    "Content-Length: 0\r\n\r\n";
	const char *target = c->request->target;
	struct call *call = &c->request->call;
	struct buf text = {0};

	/* One that was refused before hears the reason. */
	if (call->status != 0) {
		buf_printf(&text,
		    "HTTP/1.1 %d %s\r\nConnection: close\r\n"
		    "Content-Type: application/json\r\n"
		    "Content-Length: %zu\r\n\r\n%s",
		    call->status, call_reason(call->status), call->answer.len,
		    call->answer.data);
		receiver_answered(s->r, call->status, target, call->why);
	} else {
		receiver_answered(
		    s->r, 408, target, "the request did not end in time");
	}
	cut(c, text.len > 0 ? text.data : late);
	buf_free(&text);
}

/* Cut what has taken too long; if there are too many, what is idle. */
static void
check_deadlines(struct server *s)
{
	int is_full = s->r->connections >= (size_t)s->r->options->connections;
	double now = time_now(), idle = is_full ? 1 : IDLE;

	for (struct connection *c = s->connections; c != NULL; c = c->next) {
		if (c->is_cut || (c->request && c->request->is_waiting))
			continue;
		if (c->request != NULL && now > c->request->deadline)
			time_out(s, c);
		else if (c->request == NULL && now - c->idle_since > idle)
			cut(c, NULL);
	}
}

/* The loop. */

/* Read what the sockets have. Whether there may be more. */
static int
read_some(struct server *s)
{
	struct pollfd p = {.fd = s->epoll, .events = POLLIN};
	MHD_UNSIGNED_LONG_LONG ms;

	s->has_resumed = 0;
	MHD_run(s->daemon);
	return poll(&p, 1, 0) > 0 ||
	       (MHD_get_timeout(s->daemon, &ms) == MHD_YES && ms == 0);
}

/* A connection that was resumed is no event of the epoll descriptor. */
static void
wait_for(struct server *s, int at_most)
{
	struct pollfd p = {.fd = s->epoll, .events = POLLIN};
	MHD_UNSIGNED_LONG_LONG ms;

	if (s->has_resumed)
		return;
	if (MHD_get_timeout(s->daemon, &ms) == MHD_YES &&
	    ms < (MHD_UNSIGNED_LONG_LONG)at_most)
		at_most = (int)ms;
	poll(&p, 1, at_most);
}

static void
save(struct server *s)
{
	double since = time_now();
	size_t n = s->n_waiting;

	s->events = x_realloc(s->events, s->cap, sizeof(struct webhook *));
	for (size_t i = 0; i < n; i++)
		s->events[i] = &s->waiting[i]->call.event;
	receiver_save(s->r, s->events, n);
	s->last = n;
	s->last_seconds = time_now() - since;
	s->n_waiting = 0;
	for (size_t i = 0; i < n; i++) {
		struct request *q = s->waiting[i];

		call_saved(s->r, &q->call);
		q->is_waiting = 0;
		MHD_resume_connection(q->connection->mhd);
	}
	s->has_resumed = n > 0;
}

/*
 * Senders that were just answered send their next event a moment later. Wait
 * for as many events as the last commit had, but for less than a commit takes:
 * else every other commit would have only the first of them.
 */
static void
gather(struct server *s)
{
	double until = time_now() + s->last_seconds / 4;

	while (s->n_waiting < s->last && time_now() < until) {
		wait_for(s, 1);
		read_some(s);
	}
}

static void
turn(struct server *s)
{
	int rounds = 0;

	wait_for(s, TICK_MS);
	while (read_some(s) && ++rounds < ROUNDS)
		;
	if (s->n_waiting == 0)
		return;
	gather(s);
	save(s);
}

/* Requests that have begun. */
static size_t
open_requests(const struct server *s)
{
	size_t n = 0;

	for (const struct connection *c = s->connections; c; c = c->next)
		n += c->request != NULL && !c->is_cut;
	return n;
}

static void
finish(struct server *s)
{
	MHD_socket fd = MHD_quiesce_daemon(s->daemon);

	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	webhook_notify("STOPPING=1");
	while (open_requests(s) > 0 && stop_age() < STOP_READ)
		turn(s);
	/* What was read until now is saved, and answered. */
	if (s->n_waiting > 0)
		save(s);
	for (int i = 0; i < ROUNDS && read_some(s); i++)
		;
	MHD_stop_daemon(s->daemon);
}

static void
complain(void *argument, const char *format, va_list args)
{
	(void)argument;
	(void)format;
	(void)args;
}

static void
start(struct server *s, int fd)
{
	const struct webhook_options *o = s->r->options;

	s->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME,
	    0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, complain,
	    NULL, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)o->connections,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CALL_HEAD,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(2 * IDLE),
	    MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK,
	    on_target, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
	if (s->daemon == NULL)
		cli_die(CLI_FAILED, "libmicrohttpd does not start");
	s->epoll =
	    MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void
webhook_serve(struct receiver *r, int fd)
{
	struct server s = {.r = r};
	double tick = 0;

	start(&s, fd);
	webhook_notify("READY=1");
	while (!stop_requested()) {
		turn(&s);
		if (time_now() < tick)
			continue;
		tick = time_now() + (double)TICK_MS / 1000;
		check_deadlines(&s);
	}
	finish(&s);
	free(s.waiting);
	free(s.events);
}
