/*
 * cpu - what a processor can do beyond the least of its kind
 *
 * A function WITH_AVX2 may be called only where cpu_has_avx2 says so, and so
 * on: __builtin_cpu_supports looks into what was found when the process began.
 */
#ifndef CPU_H
#define CPU_H

/*
 * What is used at most, for tests (tests/processors): 0 nothing that is told
 * of here, 1 what every x86-64 has, 2 AVX2 and SHA, 3 AVX-512; the SHA
 * extensions not if CPU_NO_SHA is defined.
 */
#ifndef CPU_MOST
#define CPU_MOST 3
#endif

#if defined(__x86_64__) && defined(__GNUC__) && CPU_MOST > 0

#include <immintrin.h>

#define CPU_X86_64

/* 32 bytes at once; bits are counted and found by one instruction. */
#define WITH_AVX2 __attribute__((target("avx2,bmi,popcnt")))
static inline int
cpu_has_avx2(void)
{
	return CPU_MOST >= 2 && __builtin_cpu_supports("avx2") &&
	       __builtin_cpu_supports("bmi") &&
	       __builtin_cpu_supports("popcnt");
}

/* 64 bytes at once; what is found is a bit for each. */
#define WITH_AVX512 __attribute__((target("avx512bw,bmi,popcnt")))
static inline int
cpu_has_avx512(void)
{
	return CPU_MOST >= 3 && __builtin_cpu_supports("avx512bw") &&
	       cpu_has_avx2();
}

/* Whether that takes two turns, as in AMD's family 19h (Zen 4). */
static inline int
cpu_halves_avx512(void)
{
	return __builtin_cpu_is("amdfam19h");
}

/* The same, looked up in tables and moved together. */
#define WITH_VBMI2                                                             \
	__attribute__((target("avx512bw,avx512vbmi,avx512vbmi2,popcnt")))
static inline int
cpu_has_vbmi2(void)
{
	return cpu_has_avx512() && __builtin_cpu_supports("avx512vbmi") &&
	       __builtin_cpu_supports("avx512vbmi2");
}

#endif

#endif
