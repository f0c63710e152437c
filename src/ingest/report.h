/*
 * report - write records on standard output, and messages on standard error
 *
 * Each refusal is one error record and one message, and is counted. All
 * functions end the process if the output fails.
 */
#ifndef INGEST_REPORT_H
#define INGEST_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "record/error_record.h"

struct ingest;
struct source_page;

/* A failure that is not a fault of the input. */
struct ingest_failure {
	enum error_class class;
	const char *code;
	const char *url;    /* of the page, or NULL: pages may be missing */
	double retry_after; /* seconds, or 0 */
};

/* Write a page of source; argument is the struct ingest. */
void ingest_report_page(void *argument, const struct source_page *page);
/*
 * Refuse a part of the input that is no page. offset is the fault's offset in
 * the record, or -1. The error names the input as a document if as_document is
 * set.
 */
void ingest_report_refusal(struct ingest *in, const char *code, int64_t offset,
    int as_document, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* Report a failure; the message is printf-formatted. */
void ingest_report_failure(struct ingest *in, const struct ingest_failure *f,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Count and report characters of a record that were replaced. */
void ingest_report_repaired(struct ingest *in, size_t count, size_t at);
/* Flush the output before a read waits; argument is the struct ingest. */
void ingest_report_idle(void *argument);
/* Print the account in one line, if something was left out, or with -v. */
void ingest_report_account(const struct ingest *in);

#endif
