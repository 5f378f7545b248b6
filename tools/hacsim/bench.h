/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench.h - what else hacsim bench measures.
 */
#ifndef HACSIM_BENCH_H
#define HACSIM_BENCH_H

#include <stdint.h>

/* Steps of a core in a running cluster; at least five hosts. The exit status. */
int bench_step(uint32_t hosts, uint32_t vms);

#endif
