/* secrets - the secrets of a source, from a file of its name */
#ifndef WEBHOOK_SECRETS_H
#define WEBHOOK_SECRETS_H

#include <stddef.h>

#include "source/verifier.h"

struct webhook_secrets {
	char *text; /* of the file, its lines ended by NUL */
	const char *secret[VERIFIER_SECRETS];
	size_t n;
};

/* Whether a source of this name can have a file: no '/', no '.' in front. */
int webhook_secrets_name_ok(const char *source);
/*
 * Read folder/source, which is read anew for each request, so that a rotation
 * counts at once. One secret stands on each line. 0, or -1 with *why (static).
 */
int webhook_secrets_read(const char *folder, const char *source,
    struct webhook_secrets *s, const char **why);
/* Overwrite and free them. */
void webhook_secrets_free(struct webhook_secrets *s);

#endif
