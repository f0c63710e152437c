#include "net/tls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/buf.h"

struct tls {
	SSL_CTX *context;
	SSL *ssl;
	BIO_METHOD *method;
	int fd, flags; /* fd: socket; flags: for recv */
	int error;     /* errno of the socket's first failure, or 0 */
	int ended;     /* the server has closed its side */
	const char *why;
};

/*
 * Write to the socket and read from it. OpenSSL's own writing would raise
 * SIGPIPE, and its own reading cannot be told not to wait.
 */

/* Keep the first error: OpenSSL may then send an alert, which may fail, too. */
static void
note_failure(struct tls *t, ssize_t done)
{
	if (done == -1 && t->error == 0)
		t->error = errno;
}

static int
put_bytes(BIO *b, const char *p, int n)
{
	struct tls *t = BIO_get_data(b);
	ssize_t done;

	BIO_clear_retry_flags(b);
	do
		done = send(t->fd, p, (size_t)n, MSG_NOSIGNAL);
	while (done == -1 && errno == EINTR);
	note_failure(t, done);
	if (done == -1 && errno == EAGAIN)
		BIO_set_retry_write(b);
	return (int)done;
}

static int
get_bytes(BIO *b, char *p, int n)
{
	struct tls *t = BIO_get_data(b);
	ssize_t got;

	BIO_clear_retry_flags(b);
	do
		got = recv(t->fd, p, (size_t)n, t->flags);
	while (got == -1 && errno == EINTR);
	note_failure(t, got);
	t->ended = got == 0;
	if (got == -1 && errno == EAGAIN)
		BIO_set_retry_read(b);
	return (int)got;
}

static long
control(BIO *b, int what, long number, void *pointer)
{
	const struct tls *t = BIO_get_data(b);

	(void)number;
	(void)pointer;
	if (what == BIO_CTRL_EOF)
		return t->ended;
	return what == BIO_CTRL_FLUSH;
}

static BIO *
new_bio(struct tls *t)
{
	BIO *b;

	t->method = BIO_meth_new(
	    BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of pl");
	if (t->method == NULL)
		return NULL;
	BIO_meth_set_write(t->method, put_bytes);
	BIO_meth_set_read(t->method, get_bytes);
	BIO_meth_set_ctrl(t->method, control);
	b = BIO_new(t->method);
	if (b != NULL) {
		BIO_set_data(b, t);
		BIO_set_init(b, 1);
	}
	return b;
}

static void
forget_errors(struct tls *t)
{
	ERR_clear_error();
	t->error = 0;
}

static const char *
error_text(unsigned long error)
{
	const char *text = ERR_reason_error_string(error);

	return text != NULL ? text : "an error of the TLS library";
}

/* Load the authorities and the client's certificate. 0, or -1 with why. */
static int
load_files(struct tls *t, const struct tls_options *o, struct buf *why)
{
	const char *key = o->key != NULL ? o->key : o->certificate;
	const char *file = NULL;

	if (o->authorities == NULL) {
		SSL_CTX_set_default_verify_paths(t->context);
	} else if (SSL_CTX_load_verify_locations(
		       t->context, o->authorities, NULL) != 1) {
		file = o->authorities;
	}
	if (file == NULL && o->certificate != NULL) {
		if (SSL_CTX_use_certificate_chain_file(
			t->context, o->certificate) != 1)
			file = o->certificate;
		else if (SSL_CTX_use_PrivateKey_file(
			     t->context, key, SSL_FILETYPE_PEM) != 1)
			file = key;
	}
	if (file == NULL)
		return 0;
	buf_printf(why, "%s: %s", file, error_text(ERR_peek_last_error()));
	return -1;
}

/*
 * Set the host to check. An IP address is checked as an address, and not sent.
 */
static void
expect_host(struct tls *t, const struct tls_options *o)
{
	X509_VERIFY_PARAM *p = SSL_get0_param(t->ssl);

	SSL_set_verify(
	    t->ssl, o->unchecked ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	if (X509_VERIFY_PARAM_set1_ip_asc(p, o->host) == 1) {
		if (o->unchecked || o->any_host)
			X509_VERIFY_PARAM_set1_ip(p, NULL, 0);
		return;
	}
	SSL_set_tlsext_host_name(t->ssl, o->host);
	if (!o->unchecked && !o->any_host)
		SSL_set1_host(t->ssl, o->host);
}

/*
 * Say why a handshake failed; the first error in OpenSSL's queue is the cause.
 */
static void
explain(struct tls *t, int status, const struct tls_options *o, struct buf *why,
    int *again)
{
	long verified = SSL_get_verify_result(t->ssl);
	unsigned long error = ERR_peek_error();

	if (verified != X509_V_OK && !o->unchecked) {
		buf_printf(why, "the certificate is not trusted: %s",
		    X509_verify_cert_error_string(verified));
	} else if (t->ended) {
		buf_puts(why, "the server closed the connection");
		*again = 1;
	} else if (SSL_get_error(t->ssl, status) != SSL_ERROR_SSL) {
		/* A Redis without TLS waits for the rest of a line. */
		buf_puts(
		    why, t->error == EAGAIN
			     ? "no answer in time: does this port speak TLS?"
			     : strerror(t->error));
		*again = 1;
	} else if (ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER) {
		buf_puts(why, "the server does not speak TLS at this port");
	} else {
		buf_puts(why, error_text(error));
	}
}

struct tls *
tls_open(int fd, const struct tls_options *o, struct buf *why, int *again)
{
	struct tls *t = x_calloc(1, sizeof(*t));
	BIO *bio;
	int status;

	t->fd = fd;
	*again = 0;
	forget_errors(t);
	t->context = SSL_CTX_new(TLS_client_method());
	if (t->context == NULL)
		goto fail;
	SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION);
	if (load_files(t, o, why) == -1)
		goto out;
	t->ssl = SSL_new(t->context);
	bio = new_bio(t);
	if (t->ssl == NULL || bio == NULL) {
		BIO_free(bio);
		goto fail;
	}
	SSL_set_bio(t->ssl, bio, bio);
	expect_host(t, o);
	status = SSL_connect(t->ssl);
	if (status == 1)
		return t;
	explain(t, status, o, why, again);
	goto out;
fail:
	buf_puts(why, error_text(ERR_peek_last_error()));
out:
	tls_close(t);
	return NULL;
}

void
tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_free(t->ssl);
	SSL_CTX_free(t->context);
	BIO_meth_free(t->method);
	free(t);
}

/* Sets errno for a call that ended with status. */
static void
set_errno(struct tls *t, int status)
{
	int kind = SSL_get_error(t->ssl, status);

	errno = EPROTO;
	if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE)
		errno = EAGAIN;
	else if (kind == SSL_ERROR_SYSCALL && t->error != 0)
		errno = t->error;
	else
		t->why = error_text(ERR_peek_error());
}

/*
 * A server that closes the connection, for example because it wants a client
 * certificate, has sent the reason before: read it.
 */
static void
read_why(struct tls *t)
{
	int error = errno, got;
	char c;

	if (error != EPIPE && error != ECONNRESET)
		return;
	forget_errors(t);
	t->flags = MSG_DONTWAIT;
	got = SSL_peek(t->ssl, &c, 1);
	t->flags = 0;
	errno = error;
	if (got <= 0 && !t->ended &&
	    SSL_get_error(t->ssl, got) == SSL_ERROR_SSL)
		set_errno(t, got);
}

int
tls_write(struct tls *t, const void *p, size_t n)
{
	const char *s = p;

	forget_errors(t);
	while (n > 0) {
		int done = SSL_write(t->ssl, s, n < INT_MAX ? (int)n : INT_MAX);

		if (done <= 0) {
			set_errno(t, done);
			read_why(t);
			return -1;
		}
		s += done;
		n -= (size_t)done;
	}
	return 0;
}

ssize_t
tls_read(struct tls *t, void *p, size_t n)
{
	int got;

	forget_errors(t);
	t->flags = MSG_DONTWAIT;
	got = SSL_read(t->ssl, p, n < INT_MAX ? (int)n : INT_MAX);
	t->flags = 0;
	if (got > 0)
		return got;
	/* Many servers close without a TLS close_notify. */
	if (t->ended || SSL_get_error(t->ssl, got) == SSL_ERROR_ZERO_RETURN)
		return 0;
	set_errno(t, got);
	return -1;
}

int
tls_pending(const struct tls *t)
{
	return t != NULL && SSL_pending(t->ssl) > 0;
}

const char *
tls_error(const struct tls *t)
{
	return t->why != NULL ? t->why : "no error";
}
