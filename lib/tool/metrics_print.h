/*
 * metrics_print - print the numbers of store/metrics: records, tables,
 * Prometheus
 *
 * A number that is not known is left out, or null in a record, and never 0.
 */
#ifndef METRICS_PRINT_H
#define METRICS_PRINT_H

struct buf;
struct metrics;
struct metrics_queue;
struct record_out;
struct table;

/* Write a metrics record. 0, or -1 with errno. */
int metrics_print_record(struct record_out *out, const struct metrics *m);
/* Write a queue record. 0, or -1 with errno. */
int metrics_print_queue(struct record_out *out, const struct metrics_queue *q);
/* Append Prometheus text, format 0.0.4. */
void metrics_print_prometheus(const struct metrics *m, struct buf *out);
/* Add rows of name, label and value to a table of three columns. */
void metrics_print_table(const struct metrics *m, struct table *t);

#endif
