#include "tool/progress_line.h"

#include <string.h>

#include "base/buf.h"
#include "base/num.h"

enum { BAR_LEAST = 8, BAR_MOST = 30, BAR_EXTRA = 3 /* brackets and blank */ };

double
progress_rate_note(struct progress_rate *r, double now, uint64_t done)
{
	size_t most = sizeof(r->samples) / sizeof(*r->samples);
	double rate = 0;

	/* Until the first item is done, the time is that of starting. */
	if (r->n == 1 && done == r->samples[0].done) {
		r->samples[0].at = now;
		return 0;
	}
	if (r->n > 0 && now > r->samples[0].at && done >= r->samples[0].done)
		rate = (double)(done - r->samples[0].done) /
		       (now - r->samples[0].at);
	if (r->n > 0 && now - r->samples[r->n - 1].at < 1)
		return rate;
	if (r->n == most)
		memmove(
		    r->samples, r->samples + 1, --r->n * sizeof(*r->samples));
	r->samples[r->n].at = now;
	r->samples[r->n++].done = done;
	return rate;
}

static void
put_text(const struct progress_line *p, struct buf *out)
{
	char left[32];

	buf_printf(out, "%llu ", (unsigned long long)p->done);
	if (p->total > 0)
		buf_printf(out, "of %llu ", (unsigned long long)p->total);
	buf_puts(out, p->what);
	if (p->failed > 0)
		buf_printf(out, ", %llu failed", (unsigned long long)p->failed);
	if (p->rate <= 0)
		return;
	buf_printf(out, p->rate < 10 ? ", %.1f/s" : ", %.0f/s", p->rate);
	if (p->total > p->done) {
		num_format_duration(
		    (double)(p->total - p->done) / p->rate, left);
		buf_printf(out, ", %s left", left);
	}
}

static void
put_bar(const struct progress_line *p, size_t cells, struct buf *out)
{
	double part = (double)p->done / (double)p->total;
	size_t full = (size_t)(part * (double)cells);

	buf_putc(out, '[');
	for (size_t i = 0; i < cells; i++)
		buf_putc(out, i < full ? '#' : '.');
	buf_puts(out, "] ");
}

void
progress_line_put(const struct progress_line *p, size_t width, struct buf *out)
{
	struct buf text = {0};

	put_text(p, &text);
	if (p->total > 0 &&
	    width >= out->len + text.len + BAR_LEAST + BAR_EXTRA) {
		size_t room = width - out->len - text.len - BAR_EXTRA;

		put_bar(p, room < BAR_MOST ? room : BAR_MOST, out);
	}
	buf_add(out, text.data, text.len);
	buf_free(&text);
}
