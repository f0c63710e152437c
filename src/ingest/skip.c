#include "skip.h"

#include <string.h>

#include "base/buf.h"
#include "ingest.h"
#include "listing.h"
#include "tool/cli.h"

/* Codes of files that may have been documents when they could be read. */
static const char *const unread[] = {"cannot_open", "read_failed", NULL};
/* Codes of files that never were documents. */
static const char *const unknown[] = {
    "binary", "compressed", "not_utf8", "unsupported_format", NULL};

static int
is_among(const char *code, const char *const *codes)
{
	while (*codes != NULL && strcmp(*codes, code) != 0)
		codes++;
	return *codes != NULL;
}

int
ingest_skip(struct ingest *in, const char *code, const char *why)
{
	int is_unread = is_among(code, unread);

	if (!in->in_folder || (!is_unread && !is_among(code, unknown)))
		return 0;
	/* Nothing is deleted because its file cannot be read now. */
	if (is_unread)
		ingest_listing_lacks(in);
	if (in->unread++ == 0)
		buf_printf(&in->first_unread, "%s: %s", in->input, why);
	cli_note("%s: %s: left out", in->input, why);
	return 1;
}

void
ingest_skip_tell(struct ingest *in)
{
	if (in->unread == 1)
		cli_warn("1 file that cannot be read is left out (--exclude "
			 "leaves it out without this line): %s",
		    in->first_unread.data);
	else if (in->unread > 1)
		cli_warn("%llu files that cannot be read are left out (-v "
			 "names all; --exclude leaves them out without this "
			 "line), the first: %s",
		    (unsigned long long)in->unread, in->first_unread.data);
	buf_free(&in->first_unread);
}
