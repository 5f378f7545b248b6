/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rand.h - a small seeded generator (splitmix64, Steele, Lea and Flood 2014)
 * whose whole state is one word, so that it can live inside a deterministic
 * machine. Not for secrets.
 */
#ifndef HA_BASE_RAND_H
#define HA_BASE_RAND_H

#include <stdint.h>

struct ha_rand {
	uint64_t state;
};

static inline uint64_t ha_rand_u64(struct ha_rand *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Uniform in 0..n-1; n > 0. The bias is below 2^-32 for any n we use. */
static inline uint64_t ha_rand_below(struct ha_rand *r, uint64_t n)
{
	return ha_rand_u64(r) % n;
}

#endif
