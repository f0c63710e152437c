/*
 * chunk_recipe - the settings of a chunker as one line of text
 *
 * The line is the part "chunk" of an end record's recipe (pl-record(5)). It has
 * all settings that decide texts and contexts, and no others. Equal settings
 * give equal lines, however they were given. It has at most RECIPE_PART_MAX
 * bytes of printable ASCII, without quotes and backslashes.
 */
#ifndef CHUNK_RECIPE_H
#define CHUNK_RECIPE_H

struct buf;
struct chunker;

/*
 * The version of the chunker. It gets the next number when the same settings
 * give other texts or other contexts for any document. Documents of an older
 * version stay as they are until somebody asks for them, so an upgrade embeds
 * nothing again by itself. tests/pl-chunk.bats knows what pl/1 makes.
 */
#define CHUNK_RECIPE_VERSION "pl/1"

/*
 * Append the line. vocabulary is the SHA-256 of the vocabulary's file in hex;
 * it may be NULL if the chunker has no vocabulary.
 */
void chunk_recipe_put(
    struct buf *b, const struct chunker *c, const char *vocabulary);

#endif
