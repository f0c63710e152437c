/*
 * documents_table - documents as a table for people
 *
 * Documents with the same error stand together, the most frequent error first,
 * which is shown once with their number. Otherwise they go by url.
 */
#ifndef JOBCTL_DOCUMENTS_TABLE_H
#define JOBCTL_DOCUMENTS_TABLE_H

#include <stddef.h>

struct db_result;
struct jobctl;
struct jobctl_documents;

struct jobctl_documents *jobctl_documents_new(void);
/* Add a row of job_documents. */
void jobctl_documents_add(
    struct jobctl_documents *t, const struct db_result *r);
/* Print the table, and free it. Returns the number of documents. */
size_t jobctl_documents_print(struct jobctl *c, struct jobctl_documents *t);

#endif
