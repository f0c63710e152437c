/*
 * chunk_type - what chunks are asked for, and what a chunk is
 *
 * Below chunk and its parts, which all need these types.
 */
#ifndef CHUNK_TYPE_H
#define CHUNK_TYPE_H

#include <stddef.h>
#include <stdint.h>

#include "chunk/ending.h"

struct token_vocabulary;

enum chunk_unit { CHUNK_BYTES, CHUNK_CHARS, CHUNK_TOKENS };

enum { CHUNK_MAX_LEAST = 4 /* one code point must always fit */ };

struct chunk_options {
	enum chunk_unit unit;
	size_t max;	/* hard, text and context together */
	size_t target;	/* the size to aim at; 0 means 5/8 of max */
	size_t overlap; /* of the chunk before, at most, to be repeated */
	int plain;	/* not Markdown */
	int estimate;	/* tokens of chunks, also if max is not of them */
	/* Borrowed; NULL: tokens are estimated, and max with them. */
	const struct token_vocabulary *vocabulary;
};

struct chunk {
	size_t start, end;	     /* bytes */
	size_t char_start, char_end; /* code points */
	size_t size;		     /* of the text, in the unit */
	size_t room;		     /* for the context; for chunker */
	uint32_t parts;		     /* size as limited; for chunker */
	uint32_t loose;		     /* size is a bound; for chunker */
	uint32_t piece;		     /* the first; for chunker */
	size_t overlap;		     /* bytes that the one before has too */
	enum chunk_cut cut;	     /* why it ends where it does */
};

#endif
