#include "source/crawl.h"

#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

#include "base/alloc.h"
#include "record/record.h"
#include "source/crawl_status.h"
#include "source/page.h"
#include "source/state.h"

/* Pages of a crawl, by their numbers from 0. */
struct pages {
	int64_t start, end;
};

/* What the pages of a crawl have said so far. */
struct crawl {
	char *key;	     /* total and expiresAt, which all parts share */
	char *status;	     /* by the last part */
	char *origin;	     /* the last input with a part of it */
	char *next;	     /* the first 'next' without its part, or NULL */
	int64_t total;	     /* pages by the server's count */
	int64_t seen;	     /* elements of data so far */
	struct pages *parts; /* the pages of each part */
	size_t n;
};

/* Find the crawl of a status body; its parts share total and expiry. */
static struct crawl *
find_crawl(struct source *s, yyjson_val *v)
{
	struct document_text expires = page_member(v, "expiresAt");
	int64_t total = record_int(v, "total", 0);
	struct crawl *crawl;
	struct buf key = {0};

	buf_printf(&key, "%lld ", (long long)total);
	buf_add(&key, expires.s, expires.n);
	for (size_t i = 0; i < s->crawl_count; i++)
		if (strcmp(s->crawls[i].key, key.data) == 0) {
			buf_free(&key);
			return s->crawls + i;
		}
	s->crawls = x_realloc(s->crawls, s->crawl_count + 1, sizeof(*crawl));
	crawl = s->crawls + s->crawl_count++;
	*crawl = (struct crawl){.key = key.data, .total = total};
	return crawl;
}

void
crawl_add_part(struct source *s, yyjson_val *v, int64_t count)
{
	struct crawl *crawl = find_crawl(s, v);
	struct document_text next = page_member(v, "next");
	struct document_text status = page_member(v, "status");
	int64_t end =
	    next.n > 0 ? crawl_status_number(next, "skip") : crawl->total;

	free(crawl->status);
	free(crawl->origin);
	crawl->status = x_memdup(status.s ? status.s : "", status.n);
	crawl->origin = x_strdup(s->origin.data);
	crawl->seen += count;
	if (next.n > 0) {
		free(crawl->next);
		crawl->next = x_memdup(next.s, next.n);
	}
	if (end < count)
		return;
	crawl->parts =
	    x_realloc(crawl->parts, crawl->n + 1, sizeof(*crawl->parts));
	crawl->parts[crawl->n++] = (struct pages){end - count, end};
}

static int
compare_pages(const void *a, const void *b)
{
	const struct pages *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Find the first pages that no part holds. 1, or 0 when there are none. */
static int
find_gap(struct crawl *crawl, struct pages *gap)
{
	int64_t end = 0;

	if (crawl->n > 0)
		qsort(crawl->parts, crawl->n, sizeof(*crawl->parts),
		    compare_pages);
	for (size_t i = 0; i < crawl->n; i++) {
		if (crawl->parts[i].start > end) {
			*gap = (struct pages){end, crawl->parts[i].start};
			return 1;
		}
		if (crawl->parts[i].end > end)
			end = crawl->parts[i].end;
	}
	*gap = (struct pages){end, crawl->total};
	return end < crawl->total;
}

/* The pages that were read. Parts that came twice most likely count once. */
static long long
pages_here(const struct crawl *crawl)
{
	return crawl->seen < crawl->total ? crawl->seen : crawl->total;
}

static void
finish_crawl(struct source *s, struct crawl *crawl)
{
	long long seen = pages_here(crawl), total = crawl->total;
	struct pages gap;

	if (strcmp(crawl->status, "cancelled") == 0) {
		page_fail_input(s, crawl->origin, 0, "crawl_cancelled",
		    "the crawl was cancelled: %lld of %lld pages are here; "
		    "crawl again for the rest",
		    seen, total);
	} else if (strcmp(crawl->status, "completed") != 0) {
		page_fail_input(s, crawl->origin, 1, "crawl_unfinished",
		    "the crawl is not finished (status '%.40s'): %lld of %lld "
		    "pages are here; take its result again when it is "
		    "completed",
		    crawl->status, seen, total);
	} else if (seen >= total) {
		return;
	} else if (find_gap(crawl, &gap)) {
		page_fail_input(s, crawl->origin, 0, "crawl_incomplete",
		    "%lld of the crawl's %lld pages are here; the part with "
		    "pages %lld to %lld is missing: give all parts in one run "
		    "(a part's 'next' %s%.300s)",
		    seen, total, (long long)gap.start + 1, (long long)gap.end,
		    crawl->next ? "is " : "names the following one",
		    crawl->next ? crawl->next : "");
	} else {
		page_fail_input(s, crawl->origin, 0, "crawl_incomplete",
		    "%lld of the crawl's %lld pages are here, though no part "
		    "is missing: fetch the result again",
		    seen, total);
	}
}

void
crawl_finish(struct source *s)
{
	for (size_t i = 0; i < s->crawl_count; i++)
		finish_crawl(s, s->crawls + i);
}

void
crawl_free(struct source *s)
{
	for (size_t i = 0; i < s->crawl_count; i++) {
		free(s->crawls[i].key);
		free(s->crawls[i].status);
		free(s->crawls[i].origin);
		free(s->crawls[i].next);
		free(s->crawls[i].parts);
	}
	free(s->crawls);
}
