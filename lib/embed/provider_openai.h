/*
 * provider_openai - requests and answers of POST {base}/embeddings
 *
 * The API of OpenAI, as many other servers have it: llama.cpp, vLLM, TEI,
 * Ollama, LM Studio, Voyage, Gemini and others. Lenient about everything around
 * the vectors, strict about the vectors. See provider.h for the three
 * functions.
 */
#ifndef PROVIDER_OPENAI_H
#define PROVIDER_OPENAI_H

#include "embed/provider.h"

void provider_openai_request(struct buf *body,
    const struct embed_settings *settings, const struct embed_text *texts,
    size_t n);
int provider_openai_response(const struct embed_answer *answer, size_t n,
    float **vectors, size_t *width, struct embed_verdict *why);
void provider_openai_refusal(
    const struct embed_answer *answer, struct embed_verdict *why);

#endif
