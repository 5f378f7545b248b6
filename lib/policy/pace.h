/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pace.h - how many VMs may start at once on one host.
 */
#ifndef HA_POLICY_PACE_H
#define HA_POLICY_PACE_H

#include <stdint.h>

/*
 * On a host with so many cpus, of at most `most`, when `ended` starts of this
 * wave have ended there. A wave begins with half as many as there are cpus:
 * starts share them, and if all came at once the first would end about when
 * the last does. Each that has ended lets in one more (after the slow start of
 * TCP: Jacobson 1988).
 */
uint32_t ha_pace_starts(uint32_t most, uint32_t cpus, uint32_t ended);

#endif
