/*
 * chunk_type - the options of chunking, and a chunk
 *
 * chunk and its modules share these types.
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
	size_t max;	/* hard limit for text and context together */
	size_t target;	/* the size to aim at; 0 means 5/8 of max */
	size_t overlap; /* largest size to repeat from the chunk before */
	int plain;	/* not Markdown */
	int estimate;	/* estimate tokens well, also if max is not in tokens */
	/* Borrowed. NULL: tokens are estimated, also those of max. */
	const struct token_vocabulary *vocabulary;
};

struct chunk {
	size_t start, end;	     /* bytes */
	size_t char_start, char_end; /* code points */
	size_t size;		     /* of the text, in the unit of max */
	size_t room;		     /* for the context; set by chunker */
	uint32_t parts;		     /* size in chunker's unit */
	uint32_t loose;		     /* size is an upper bound */
	uint32_t piece;		     /* index of the first piece */
	size_t overlap;		     /* bytes that the chunk before has, too */
	enum chunk_cut cut;	     /* kind of place where it ends */
};

#endif
