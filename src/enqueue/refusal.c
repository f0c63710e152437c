#include "refusal.h"

#include "base/alloc.h"
#include "enqueue.h"
#include "record/error_record.h"
#include "tool/cli.h"
#include "tool/output.h"

enum { FAILURES_MAX = 100000 };

void
enqueue_refuse(struct enqueue *e, const struct error_record *error)
{
	if (error->line > 0)
		cli_warn("standard input:%llu: %s",
		    (unsigned long long)error->line, error->message);
	else
		cli_warn("document %s: %s",
		    error->url ? error->url : error->document_id,
		    error->message);
	output_check(error_record_put(e->out, error));
	e->refused = 1;
}

void
enqueue_note_failed(
    struct enqueue *e, const char *source, const struct error_record *error)
{
	e->listing.unsaved |= e->failures == FAILURES_MAX;
	if (error->url == NULL || e->failures == FAILURES_MAX)
		return;
	e->failure =
	    x_realloc(e->failure, e->failures + 1, sizeof(*e->failure));
	e->failure[e->failures++] = (struct enqueue_failure){
	    .source = x_strdup(source),
	    .url = x_strdup(error->url),
	    .code = error->code,
	    .message = x_strdup(error->message),
	};
}
