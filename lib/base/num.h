/*
 * num - numbers, sizes and durations, with bounds
 *
 * Every function reads the whole string or refuses it: no sign where none is
 * allowed, no trailing text, no overflow. Locale does not matter.
 */
#ifndef NUM_H
#define NUM_H

#include <stddef.h>
#include <stdint.h>

/* A decimal integer within lo..hi. 0, or -1 with *out unchanged. */
int num_int(const char *s, int64_t lo, int64_t hi, int64_t *out);
/* Bytes: a number, or one with a unit such as K, KB or KiB (1024), M, G. */
int num_size(const char *s, size_t lo, size_t hi, size_t *out);
/* Milliseconds: 250ms, 30s, 5m, 1h, 7d; a bare number means seconds. */
int num_duration(const char *s, int64_t lo, int64_t hi, int64_t *out);
/* A duration for people: "850 ms", "12.3 s", "4 m 05 s", "3 h 20 m". */
void num_format_duration(double seconds, char out[static 32]);

#endif
