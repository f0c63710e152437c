/*
 * providers - the table of embedding providers, found by their names
 */
#ifndef PROVIDERS_H
#define PROVIDERS_H

struct embed_provider;

/* The provider of that name, or NULL. */
const struct embed_provider *providers_find(const char *name);
/* The provider that a stored model belongs to, by its name. Never NULL. */
const struct embed_provider *providers_of_model(const char *model);

#endif
