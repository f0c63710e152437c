/*
 * outline - the headings of a text, and the context they give
 *
 * A heading's parent is the last one before it with a smaller level. The
 * context of a piece is one line of title and headings, then perhaps header
 * lines that were cut off, at most a given size: outer headings go first.
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
	OUTLINE_WORDS = 500 /* bytes of a heading's that are kept, at most */
};

/*
 * Number 0 is the text before the first heading; it has no words. A heading's
 * words, and what follows from them, are known only after it is read.
 */
struct outline_heading {
	uint32_t parent;
	uint32_t words; /* offset in the words; until read in the text */
	uint32_t n;	/* bytes of them */
	uint32_t size;	/* of them, in the unit */
	uint32_t from;	/* where it starts, in the unit */
	uint32_t own;	/* size of the context of a piece that starts with it */
	uint32_t inside;  /* and of a piece further down; both within share */
	uint32_t piece;	  /* for the owner of the outline */
	uint8_t level;	  /* 0 for number 0 */
	uint8_t alone;	  /* for the owner */
	uint8_t is_title; /* its words are the title's */
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
	struct buf title_line; /* the title, if it was none */
	uint32_t title_size;
	uint32_t share;	    /* room for a context as a rule */
	uint32_t separator; /* sizes of what joins headings, and lines */
	uint32_t line_end;
};

/*
 * Begin again, with a title (n 0: none). m sizes what is added; a context may
 * take share.
 */
void outline_start(struct outline *o, const struct measure *m, uint32_t share,
    const char *title, size_t title_n);
/* Add a heading, a block at m, in no item; it becomes the current one. */
void outline_add(struct outline *o, const struct measure *m,
    const struct markdown_block *block);
/*
 * Whether the last heading can be forgotten: no text is below it, a heading of
 * that level follows at m, and it ends no section but its own or that of one
 * like it, smaller than least. So a text of headings only takes little memory.
 */
int outline_is_passed(const struct outline *o, const struct measure *m,
    unsigned level, uint32_t least);
/* For outline_read: if the current heading is not read. */
void outline_read_path(struct outline *o, const struct measure *m);
/* Read the current heading and those above it, as a context needs them. */
static inline void
outline_read(struct outline *o, const struct measure *m)
{
	if (!o->headings[o->count - 1].is_read)
		outline_read_path(o, m);
}

void outline_free(struct outline *o);

/* The path to a heading, itself last. Returns how many. */
size_t outline_path(const struct outline *o, uint32_t heading,
    struct outline_text path[static OUTLINE_DEPTH]);

/* What a context is made of. */
struct outline_context {
	uint32_t heading;	    /* of the piece */
	int own;		    /* the piece starts with it: leave it out */
	struct outline_text header; /* repeated lines, or n 0 */
	uint32_t header_size;
};

/*
 * The size of a context of at most the share, with the line end that joins it
 * to the text; 0 if there is none.
 */
uint32_t outline_size(
    const struct outline *o, const struct outline_context *context);
/* Append that context, without the last line end. */
void outline_context(const struct outline *o,
    const struct outline_context *context, uint32_t room, struct buf *out);

#endif
