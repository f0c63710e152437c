#include "chunk/outline.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"
#include "chunk/measure.h"
#include "text/markdown.h"
#include "text/markdown_heading.h"

static const char separator[] = " > ";

static struct outline_heading *
new_heading(struct outline *o)
{
	o->headings =
	    x_grow(o->headings, o->count, &o->cap, sizeof(*o->headings));
	o->headings[o->count] = (struct outline_heading){0};
	return &o->headings[o->count++];
}

static struct outline_text
words_of(const struct outline *o, uint32_t heading)
{
	const struct outline_heading *h = &o->headings[heading];

	return (struct outline_text){
	    h->n > 0 ? o->words.data + h->words : "", h->n};
}

size_t
outline_path(const struct outline *o, uint32_t heading,
    struct outline_text path[static OUTLINE_DEPTH])
{
	size_t n = 0;
	uint32_t h;

	for (h = heading; h > 0; h = o->headings[h].parent)
		n += o->headings[h].n > 0;
	for (size_t i = n, k = heading; k > 0; k = o->headings[k].parent)
		if (o->headings[k].n > 0)
			path[--i] = words_of(o, (uint32_t)k);
	return n;
}

static int
is_title(const struct outline *o, const struct outline_heading *h)
{
	return h->n == o->title.n &&
	       (h->n == 0 ||
		   memcmp(o->words.data + h->words, o->title.s, h->n) == 0);
}

/*
 * The parts of a context, innermost first, as many as fit. The title counts as
 * the outermost heading, unless a heading repeats it.
 */
struct parts {
	struct outline_text part[OUTLINE_DEPTH + 1];
	size_t n;
	int header;
	uint32_t size;
};

static int
add_part(const struct outline *o, struct parts *p, struct outline_text part,
    uint32_t size, uint32_t room)
{
	uint32_t more = size + (p->n > 0 ? o->separator : o->line_end);

	if (part.n == 0)
		return 1;
	if (p->size + more > room)
		return 0;
	p->part[p->n++] = part;
	p->size += more;
	return 1;
}

static void
choose_parts(const struct outline *o, const struct outline_context *context,
    uint32_t room, struct parts *p)
{
	uint32_t h = context->heading;
	int titled = o->title.n == 0;

	p->n = p->size = 0;
	p->header = 0;
	if (context->header.n > 0 &&
	    context->header_size + o->line_end <= room) {
		p->header = 1;
		p->size = context->header_size + o->line_end;
	}
	if (context->own && h > 0) {
		titled |= o->headings[h].is_title;
		h = o->headings[h].parent;
	}
	for (; h > 0; h = o->headings[h].parent) {
		titled |= o->headings[h].is_title;
		if (!add_part(o, p, words_of(o, h), o->headings[h].size, room))
			return;
	}
	if (!titled)
		add_part(o, p, o->title, o->title_size, room);
}

/* Set the sizes of the contexts below a heading, which is the last one. */
static void
size_contexts(struct outline *o, struct outline_heading *h)
{
	struct outline_context context = {
	    .heading = (uint32_t)(h - o->headings)};
	struct parts p;

	choose_parts(o, &context, o->share, &p);
	h->inside = p.size;
	/* Without the heading, the context is that below its parent. */
	if (!h->is_title) {
		h->own = o->headings[h->parent].inside;
		return;
	}
	context.own = 1;
	choose_parts(o, &context, o->share, &p);
	h->own = p.size;
}

/* A title as one line: white space is collapsed, if it is not only spaces. */
static struct outline_text
one_line(struct buf *line, const char *s, size_t n)
{
	size_t k = 0;
	char *to;

	while (k < n && !(s[k] >= '\t' && s[k] <= '\r'))
		k++;
	if (k == n)
		return (struct outline_text){s, n};
	buf_reset(line, 1 << 16);
	to = buf_reserve(line, n);
	for (size_t i = 0; i < n; i++) {
		int white = s[i] == ' ' || (s[i] >= '\t' && s[i] <= '\r');

		if (!white)
			to[line->len++] = s[i];
		else if (line->len > 0 && to[line->len - 1] != ' ')
			to[line->len++] = ' ';
	}
	if (line->len > 0 && to[line->len - 1] == ' ')
		line->len--;
	return (struct outline_text){to, line->len};
}

void
outline_start(struct outline *o, const struct measure *m, uint32_t share,
    const char *title, size_t title_n)
{
	o->count = 0;
	buf_reset(&o->words, 1 << 20);
	o->title = one_line(&o->title_line, title, title_n);
	o->title_size = measure_text(m, o->title.s, o->title.n);
	o->share = share;
	o->separator = measure_text(m, separator, sizeof(separator) - 1);
	o->line_end = measure_text(m, "\n", 1);
	new_heading(o)->is_read = 1;
	size_contexts(o, &o->headings[0]);
}

int
outline_is_passed(const struct outline *o, const struct measure *m,
    unsigned level, uint32_t least)
{
	const struct outline_heading *last = o->headings + o->count - 1;

	if (o->count < 2 || last->level < level)
		return 0;
	if (last[-1].level < last->level)
		return m->from - last->from < least;
	return last[-1].level == last->level && m->from - last[-1].from < least;
}

void
outline_add(struct outline *o, const struct measure *m,
    const struct markdown_block *block)
{
	uint32_t parent = (uint32_t)o->count - 1;
	struct outline_heading *h;

	while (o->headings[parent].level >= block->level)
		parent = o->headings[parent].parent;
	h = new_heading(o);
	h->parent = parent;
	h->level = (uint8_t)block->level;
	h->words = block->start;
	h->n = block->end - block->start;
	h->from = m->from;
}

static void
read_heading(struct outline *o, const struct measure *m, uint32_t heading)
{
	struct outline_heading *h = &o->headings[heading];
	struct markdown_block block = {
	    .start = h->words, .end = h->words + h->n};

	h->words = (uint32_t)o->words.len;
	markdown_heading_text(&o->words, m->text, &block);
	h->n = (uint32_t)(o->words.len - h->words);
	if (h->n > OUTLINE_WORDS) {
		h->n = (uint32_t)utf8_floor(
		    o->words.data + h->words, h->n, OUTLINE_WORDS);
		o->words.len = h->words + h->n;
	}
	h->size = measure_text(m, words_of(o, heading).s, h->n);
	h->is_title = is_title(o, h);
	h->is_read = 1;
	size_contexts(o, h);
}

void
outline_read_path(struct outline *o, const struct measure *m)
{
	uint32_t path[OUTLINE_DEPTH], n = 0;

	for (uint32_t i = (uint32_t)o->count - 1; !o->headings[i].is_read;
	     i = o->headings[i].parent)
		path[n++] = i;
	while (n > 0)
		read_heading(o, m, path[--n]);
}

void
outline_free(struct outline *o)
{
	free(o->headings);
	buf_free(&o->words);
	buf_free(&o->title_line);
	*o = (struct outline){0};
}

uint32_t
outline_size(const struct outline *o, const struct outline_context *context)
{
	const struct outline_heading *h = &o->headings[context->heading];
	struct parts p;

	if (context->header.n == 0)
		return context->own ? h->own : h->inside;
	choose_parts(o, context, o->share, &p);
	return p.size;
}

void
outline_context(const struct outline *o, const struct outline_context *context,
    uint32_t room, struct buf *out)
{
	struct parts p;

	choose_parts(o, context, room, &p);
	for (size_t i = p.n; i > 0; i--) {
		buf_add(out, p.part[i - 1].s, p.part[i - 1].n);
		if (i > 1)
			buf_puts(out, separator);
	}
	if (p.n > 0 && p.header)
		buf_putc(out, '\n');
	if (p.header)
		buf_add(out, context->header.s, context->header.n);
}
