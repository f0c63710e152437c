/*
 * outline - the headings of a text, and the context they give
 *
 * A heading's parent is the last heading before it with a smaller level. The
 * context of a piece is one line of title and headings, then perhaps the header
 * lines of a table or fence that it continues. If the context is too large,
 * outer headings are left out first.
 */
#ifndef OUTLINE_H
#define OUTLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct measure;
struct markdown_block;

enum {
	OUTLINE_DEPTH = 6,
	OUTLINE_WORDS = 500 /* bytes of a heading's words that are kept */
};

/*
 * Number 0 is the text before the first heading; it has no words. A heading's
 * words, and the sizes that depend on them, are set when the heading is read.
 */
struct outline_heading {
	uint32_t parent;
	uint32_t words; /* their offset: in the text; when read, in words */
	uint32_t n;	/* bytes of them */
	uint32_t size;	/* of them, in the unit */
	uint32_t from;	/* where it starts, in the unit */
	uint32_t own;	/* size of the context of a piece that starts with it */
	uint32_t inside;  /* and of other pieces below it; both at most share */
	uint32_t piece;	  /* for the owner of the outline */
	uint8_t level;	  /* 0 for number 0 */
	uint8_t alone;	  /* for the owner */
	uint8_t is_title; /* its words are the title */
	uint8_t is_read;
};

struct outline_text {
	const char *s;
	size_t n;
};

struct outline {
	struct outline_heading *headings;
	size_t count;
	size_t cap;
	struct buf words;
	struct outline_text title;
	struct buf title_line; /* the title, if it was changed to one line */
	uint32_t title_size;
	uint32_t share;	    /* room for a context */
	uint32_t separator; /* sizes of what joins headings, and lines */
	uint32_t line_end;
};

/*
 * Begin a text with a title (title_n 0: none). m measures the title and
 * headings. A context takes at most share.
 */
void outline_start(struct outline *o, const struct measure *m, uint32_t share,
    const char *title, size_t title_n);
/* Add a heading block at m, in no container, as the current heading. */
void outline_add(struct outline *o, const struct measure *m,
    const struct markdown_block *block);
/*
 * Whether the last heading, which has no text below it, can be removed when a
 * heading of the level follows at m: the section that ends is its own or that
 * of a heading of the same level before it, and is smaller than least. So a
 * text that has only headings takes little memory.
 */
int outline_is_passed(const struct outline *o, const struct measure *m,
    unsigned level, uint32_t least);
/* For outline_read, if the current heading was not read. */
void outline_read_path(struct outline *o, const struct measure *m);
/* Read the current heading and all headings above it, for contexts. */
static inline void
outline_read(struct outline *o, const struct measure *m)
{
	if (!o->headings[o->count - 1].is_read)
		outline_read_path(o, m);
}

void outline_free(struct outline *o);

/* The path to a heading, which is the last. Returns the number of headings. */
size_t outline_path(const struct outline *o, uint32_t heading,
    struct outline_text path[static OUTLINE_DEPTH]);

/* The parts of a context. */
struct outline_context {
	uint32_t heading; /* of the piece */
	int own;	  /* the piece starts with the heading: leave it out */
	struct outline_text header; /* repeated lines, or n 0 */
	uint32_t header_size;
};

/*
 * The size of a context of at most share, with the line end that joins it to
 * the text; 0 if the context is empty.
 */
uint32_t outline_size(
    const struct outline *o, const struct outline_context *context);
/* Append a context of at most room, without its last line end. */
void outline_context(const struct outline *o,
    const struct outline_context *context, uint32_t room, struct buf *out);

#endif
