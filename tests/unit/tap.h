/* tap - the few lines that a table-driven test needs to print TAP */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdio.h>

static int tap_count, tap_failed;

/* One test point; the name is printf-formatted. Returns cond. */
__attribute__((format(printf, 2, 3))) static int
tap(int cond, const char *fmt, ...)
{
	va_list args;

	printf("%s %d - ", cond ? "ok" : "not ok", ++tap_count);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (!cond)
		tap_failed++;
	return cond;
}

/* Print the plan; the exit status of the test program. */
static int
tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed > 0;
}

#endif
