/*
 * markdown_chars - the characters that matter to Markdown
 */
#ifndef MARKDOWN_CHARS_H
#define MARKDOWN_CHARS_H

/* White space within a line. */
static inline int
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* A digit of ASCII. */
static inline int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A letter of ASCII. */
static inline int
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
