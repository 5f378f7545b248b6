/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memory.h - giving back what start-up and bursts of work have touched. */
#ifndef HA_AGENT_VM_MEMORY_H
#define HA_AGENT_VM_MEMORY_H

/*
 * Returns free heap to the kernel, and takes libraries' code that is not in
 * use out of our address space: libvirt's library brings 50 others, of which
 * we need little after the start. What is needed comes back from the page
 * cache. From any thread.
 */
void ha_memory_trim(void);

#endif
