/*
 * recipe - what made the texts and the vectors of a document (pl-record(5))
 *
 * An end record has it under "recipe": the parts "chunk" and "embed", each a
 * line of words. pl-chunk writes the first part, pl-embed adds the second one.
 * Whoever makes a part sees to it that equal settings give equal bytes, and
 * that it has at most RECIPE_PART_MAX bytes.
 */
#ifndef RECIPE_H
#define RECIPE_H

struct buf;
struct record;

enum { RECIPE_PART_MAX = 1024 };

/*
 * Append the member "recipe" with the part "chunk" alone, which needs no
 * escapes: ,"recipe":{"chunk":"..."}
 */
void recipe_put_chunk(struct buf *b, const char *chunk);
/*
 * Append the end record r with the part "embed", and under "query" the JSON
 * object query, which tells how to embed a query. Both replace what r has under
 * these keys; its other keys, and those of its recipe, stay.
 */
void recipe_put_embedded(struct buf *b, const struct record *r,
    const struct buf *embed, const struct buf *query);

#endif
