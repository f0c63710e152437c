#include "source/crawl_status.h"

#include <string.h>
#include <yyjson.h>

#include "base/num.h"
#include "record/record.h"
#include "source/page.h"

enum { ID_MAX = 128 };

static int
equals(struct document_text t, const char *s)
{
	return t.s != NULL && t.n == strlen(s) && memcmp(t.s, s, t.n) == 0;
}

static enum crawl_state
state_of(yyjson_val *body)
{
	static const struct {
		const char *name;
		enum crawl_state state;
	} states[] = {{"scraping", CRAWL_RUNS}, {"active", CRAWL_RUNS},
	    {"waiting", CRAWL_RUNS}, {"completed", CRAWL_COMPLETED},
	    {"cancelled", CRAWL_CANCELLED}, {"failed", CRAWL_FAILED}};
	struct document_text status = page_member(body, "status");

	if (yyjson_is_false(yyjson_obj_get(body, "success")))
		return CRAWL_FAILED;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (equals(status, states[i].name))
			return states[i].state;
	return CRAWL_UNKNOWN;
}

void
crawl_status_read(yyjson_val *body, struct crawl_status *status)
{
	*status = (struct crawl_status){.state = state_of(body),
	    .total = record_int(body, "total", 0),
	    .next = page_member(body, "next"),
	    .error = page_member(body, "error")};
}

int64_t
crawl_status_number(struct document_text next, const char *name)
{
	size_t len = strlen(name), n = 0, i;
	char digits[20];
	int64_t value;

	for (i = 1; i + len < next.n; i++)
		if (memcmp(next.s + i, name, len) == 0 &&
		    next.s[i + len] == '=' &&
		    (next.s[i - 1] == '?' || next.s[i - 1] == '&'))
			break;
	for (i += len + 1; i < next.n && n + 1 < sizeof(digits) &&
			   next.s[i] >= '0' && next.s[i] <= '9';
	     i++)
		digits[n++] = next.s[i];
	digits[n] = '\0';
	return num_int(digits, 0, INT64_MAX, &value) == 0 ? value : -1;
}

/* The length of scheme, host and port. */
static size_t
origin_length(const char *url, size_t n)
{
	size_t slashes = 0, i;

	for (i = 0; i < n && slashes < 3; i++)
		slashes += url[i] == '/';
	return slashes == 3 ? i - 1 : n;
}

int
crawl_status_is_at(struct document_text next, const char *base)
{
	size_t n = origin_length(base, strlen(base));

	/* A path alone is at any base. */
	if (next.n > 1 && next.s[0] == '/' && next.s[1] != '/')
		return 1;
	return origin_length(next.s, next.n) == n &&
	       memcmp(next.s, base, n) == 0;
}

int64_t
crawl_status_wait(struct document_text text)
{
	static const char after[] = "retry after ";
	size_t n = sizeof(after) - 1, end;
	int64_t seconds = 0;

	for (size_t i = 0; i + n < text.n; i++) {
		if (memcmp(text.s + i, after, n) != 0)
			continue;
		for (end = i + n; end < text.n && end < i + n + 9 &&
				  text.s[end] >= '0' && text.s[end] <= '9';
		     end++)
			seconds = seconds * 10 + (text.s[end] - '0');
		return seconds;
	}
	return 0;
}

int
crawl_status_is_id(const char *id)
{
	size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return n > 0 && n <= ID_MAX && id[n] == '\0';
}
