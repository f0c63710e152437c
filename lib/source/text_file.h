/*
 * text_file - files of text: their titles, types and urls
 *
 * A file of text becomes one document. Its name gives its type, or else its
 * first bytes, which also show whether it is text at all.
 */
#ifndef TEXT_FILE_H
#define TEXT_FILE_H

#include <stddef.h>
#include <time.h>

#include "record/document.h"

struct buf;
struct source;

/*
 * Read a text, valid UTF-8 without NUL, as one document. type is its content
 * type; path and mtime go into the metadata, path NULL for none. Its url is
 * the origin.
 */
void text_file_read(struct source *s, const char *path, time_t mtime,
    const char *type, struct document_text text);
/*
 * The content type that a file name's suffix means: text/markdown, text/plain,
 * text/html, application/json; "" for a suffix of files that hold no text
 * (pictures, fonts, programs ...), NULL for an unknown one.
 */
const char *text_file_type(const char *path);
/*
 * Whether the first bytes of an input show a format that pl does not read: its
 * code, with the format and what to do in *why; or NULL.
 */
const char *text_file_refuses(const char *bytes, size_t n, const char **why);
/* Whether bytes look like JSON: the start of an object or array of values. */
int text_file_looks_like_json(const char *bytes, size_t n);
/* Whether bytes are not UTF-8 text: more than one in ten is invalid. */
int text_file_is_binary(const char *bytes, size_t n);
/* Append path to base, percent-encoded where RFC 3986 asks for it. */
void text_file_join_url(struct buf *out, const char *base, const char *path);

#endif
