/*
 * monitor - events of Firecrawl's monitors: which pages of a site changed
 *
 * A row of a check names a page and what became of it, and not its text.
 */
#ifndef MONITOR_H
#define MONITOR_H

struct source;
struct yyjson_val;

/* A body with type monitor.page, monitor.check.completed, or a later one. */
int monitor_is_event(struct yyjson_val *v);
void monitor_read_event(struct source *s, struct yyjson_val *v);
/* A row of a long event that is read in items. */
int monitor_is_row(struct yyjson_val *v);
void monitor_read_row(struct source *s, struct yyjson_val *v);

#endif
