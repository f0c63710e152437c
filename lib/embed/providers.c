#include "embed/providers.h"

#include <string.h>

#include "embed/provider.h"
#include "embed/provider_hash.h"
#include "embed/provider_openai.h"

static void *
hash_open(size_t dimensions)
{
	return provider_hash_new(dimensions);
}

static void
hash_run(void *handle, const char *text, size_t n, float *out)
{
	provider_hash_text(handle, text, n, out);
}

static void
hash_close(void *handle)
{
	provider_hash_free(handle);
}

static const struct embed_provider providers[] = {
    {.name = "hash", .open = hash_open, .run = hash_run, .close = hash_close},
    {.name = "openai",
	.model = "text-embedding-3-small",
	.base_url = "https://api.openai.com/v1",
	.path = "/embeddings",
	.request = provider_openai_request,
	.response = provider_openai_response,
	.refusal = provider_openai_refusal},
};
enum { PROVIDERS = sizeof(providers) / sizeof(*providers) };

const struct embed_provider *
providers_find(const char *name)
{
	for (size_t i = 0; i < PROVIDERS; i++)
		if (strcmp(providers[i].name, name) == 0)
			return &providers[i];
	return NULL;
}

const struct embed_provider *
providers_of_model(const char *model)
{
	return providers_find(
	    provider_hash_width(model) > 0 ? "hash" : "openai");
}
