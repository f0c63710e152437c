/*
 * verifier: any setting, headers, secrets and body. The input is lines:
 * setting, secret, then "name:value" headers up to an empty line, then the
 * body. Nothing but the right HMAC passes, and the evidence is JSON.
 */
#include "source/verifier.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "base/buf.h"

enum { HEADERS = 8, NOW = 1764500000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char *
take_line(char **at)
{
	char *line = *at;
	size_t n = strcspn(line, "\n");

	*at = line + n + (line[n] == '\n');
	line[n] = '\0';
	return line;
}

static size_t
take_headers(char **at, struct verifier_header header[static HEADERS])
{
	size_t n = 0;

	while (n < HEADERS) {
		char *line = take_line(at), *colon;

		if (*line == '\0')
			break;
		colon = strchr(line, ':');
		header[n].value = colon ? colon + 1 : "";
		if (colon != NULL)
			*colon = '\0';
		header[n++].name = line;
	}
	return n;
}

static void
check_evidence(const struct verifier *v, const struct verifier_request *r)
{
	struct buf json = {0};
	yyjson_doc *doc;

	verifier_evidence(v, r, &json);
	doc =
	    yyjson_read(json.data, json.len, YYJSON_READ_ALLOW_INVALID_UNICODE);
	if (!yyjson_is_obj(yyjson_doc_get_root(doc)))
		abort();
	yyjson_doc_free(doc);
	buf_free(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = x_memdup(data, n), *at = text;
	struct verifier_header header[HEADERS];
	const char *setting = take_line(&at), *why = NULL;
	const char *secrets[2] = {take_line(&at), "another"};
	struct verifier_request r = {.headers = header, .now = NOW};
	struct verifier v;

	r.n_headers = take_headers(&at, header);
	r.body = at;
	r.body_len = (size_t)(text + n - at);
	if (verifier_parse(setting, &v, &why) == -1) {
		if (why == NULL)
			abort();
	} else {
		enum verifier_answer a =
		    verifier_check(&v, secrets, 2, &r, &why);

		if (a != VERIFIER_GOOD && why == NULL)
			abort();
		verifier_delivery(&v, &r);
		check_evidence(&v, &r);
	}
	free(text);
	return 0;
}
