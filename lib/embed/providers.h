/*
 * providers - the table of embedding providers
 */
#ifndef PROVIDERS_H
#define PROVIDERS_H

struct embed_provider;

/* The provider of that name, or NULL. */
const struct embed_provider *providers_find(const char *name);
/* The provider of a stored model, by the model's name. Never NULL. */
const struct embed_provider *providers_of_model(const char *model);

#endif
