/*
 * version - the version of pl, as --version and "rq info" show it
 */
#ifndef VERSION_H
#define VERSION_H

/* The Makefile defines PL_VERSION. */
#ifndef PL_VERSION
#define PL_VERSION "unknown"
#endif

#endif
