#include "chunk/chunk_recipe.h"

#include <stddef.h>

#include "base/buf.h"
#include "chunk/chunker.h"

/* " NAME=16c", or " NAME=0". */
static void
put_size(struct buf *b, const char *name, size_t size, enum chunk_unit unit)
{
	static const char units[] = {
	    [CHUNK_BYTES] = 'b', [CHUNK_CHARS] = 'c', [CHUNK_TOKENS] = 't'};

	buf_printf(b, " %s=%zu", name, size);
	if (size > 0)
		buf_putc(b, units[unit]);
}

void
chunk_recipe_put(struct buf *b, const struct chunker *c, const char *vocabulary)
{
	const struct chunk_options *o = &c->options;

	buf_puts(b, CHUNK_RECIPE_VERSION);
	put_size(b, "max", o->max, o->unit);
	put_size(b, "target", o->target, o->unit);
	put_size(b, "overlap", o->overlap, o->unit);
	buf_puts(b, " context=on");
	/* In another unit, tokens are only counted. */
	if (o->unit == CHUNK_TOKENS && o->vocabulary != NULL)
		buf_printf(b, " tokenizer=sha256:%s", vocabulary);
	else if (o->unit == CHUNK_TOKENS)
		buf_puts(b, " tokenizer=estimate");
	if (o->plain)
		buf_puts(b, " text=plain");
}
