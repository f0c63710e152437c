/*
 * tls - an encrypted conversation over a connected socket
 *
 * The only user of libssl. The other side is who it says: its certificate
 * is checked against the system's authorities (SSL_CERT_FILE and SSL_CERT_DIR
 * are OpenSSL's own variables for others) and against the host's name.
 */
#ifndef TLS_H
#define TLS_H

#include <stddef.h>
#include <sys/types.h>

struct buf;
struct tls;

struct tls_options {
	const char *host; /* the name or address that was asked for */
	const char
	    *authorities; /* a PEM file in place of the system's, or NULL */
	const char *certificate; /* our own, a PEM file, or NULL */
	const char *key;	 /* of it; NULL: in the same file */
	int unchecked;		 /* take any certificate */
	int any_host;		 /* take one of another name */
};

/*
 * Shake hands on fd, which is blocking, stays the caller's, and must outlive
 * the result. Its own timeouts (SO_RCVTIMEO, SO_SNDTIMEO) hold. NULL with why,
 * and in *again whether trying later may help.
 */
struct tls *tls_open(
    int fd, const struct tls_options *options, struct buf *why, int *again);
void tls_close(struct tls *t);
/* All of it, 0; or -1 with errno. Raises no SIGPIPE. */
int tls_write(struct tls *t, const void *p, size_t n);
/*
 * Some bytes; 0 at the end; -1 with errno, EAGAIN when nothing came in time,
 * or at once without wait, and EPROTO with tls_error.
 */
ssize_t tls_read(struct tls *t, void *p, size_t n, int wait);
/* Whether bytes are here that poll(2) does not see; NULL has none. */
int tls_pending(const struct tls *t);
/* Why the last call failed with EPROTO; static text. */
const char *tls_error(const struct tls *t);

#endif
