/*
 * pipeline_text - what the text of a pipeline says of secrets and collections
 *
 * Pure. The text is a shell's, and is read roughly: quotes are not understood,
 * so that what stands in sh -c '...' is found, too.
 */
#ifndef PIPELINE_TEXT_H
#define PIPELINE_TEXT_H

/*
 * The kind of secret that text holds, for people ("a password in a URL"), or
 * NULL. A variable in the place of the secret is none.
 */
const char *pipeline_text_secret(const char *text);
/* Whether pl-store is one of its commands. */
int pipeline_text_stores(const char *text);
/*
 * What pl-store --collection names, or PL_COLLECTION=NAME, without quotes; NULL
 * if there is none. It may be no name, such as "$C". The caller frees it.
 */
char *pipeline_text_collection(const char *text);

#endif
