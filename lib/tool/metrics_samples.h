/*
 * metrics_samples - the numbers of store/metrics as one list of samples
 *
 * The names and kinds are those of pl-jobctl(1), and final. Samples of one
 * family come one after the other. A label has a bounded number of values.
 */
#ifndef METRICS_SAMPLES_H
#define METRICS_SAMPLES_H

struct metrics;

enum { METRICS_LABELS = 3 };

/* Borrowed, for the time of the call. */
struct metrics_sample {
	const char *family;
	const char *suffix; /* of its name: "_bucket", or NULL */
	const char *help;
	const char *type; /* of Prometheus: gauge, counter, histogram */
	const char *label[METRICS_LABELS]; /* names; NULL: no more */
	const char *value[METRICS_LABELS];
	double number;
};
typedef void metrics_take(void *argument, const struct metrics_sample *s);

/* All; what is not known is left out. */
void metrics_samples(
    const struct metrics *m, metrics_take *take, void *argument);
/* Only counters and histograms. */
void metrics_counters(
    const struct metrics *m, metrics_take *take, void *argument);

#endif
