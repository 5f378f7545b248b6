/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * admission.h - how many host failures the cluster has to be able to take, how
 * that is judged, and what becomes of an action that would break it.
 *
 * The policies are those of lib/policy: plan (admission.h), host-failures
 * (slots.h), percentage and failover-hosts (reserve.h). What a policy does not
 * use is 0.
 *
 * The default is to enforce, as all peers do: it refuses only what an admin
 * asks for, never a recovery, and can be overridden. A cluster of one or two
 * hosts that says nothing must not be locked up by it, hence
 * ha_admission_failures: with one usable host nothing is demanded but room.
 */
#ifndef HA_MODEL_ADMISSION_H
#define HA_MODEL_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ha_admission_policy {
	HA_ADMISSION_PLAN,
	HA_ADMISSION_HOST_FAILURES,
	HA_ADMISSION_PERCENTAGE,
	HA_ADMISSION_FAILOVER_HOSTS
};

enum ha_admission_mode {
	HA_ADMISSION_ENFORCE, /* refuse, unless the admin insists */
	HA_ADMISSION_WARN,    /* do it, and say so */
	HA_ADMISSION_OFF      /* neither ask nor say */
};

struct ha_admission_conf {
	enum ha_admission_policy policy;
	enum ha_admission_mode mode;
	uint32_t failures; /* of hosts at once; below the number of hosts */
	bool failures_set; /* so in the text, not the default */
	/* host-failures: a slot */
	uint32_t slot_cpu_mhz; /* 0: by the VMs */
	uint64_t slot_memory_kib;
	uint32_t slot_cpu_mhz_max; /* of what the VMs make it; 0: no cap */
	uint64_t slot_memory_kib_max;
	uint32_t slot_cpu_mhz_min; /* of a VM without a reservation */
	uint64_t slot_memory_kib_min;
	/* percentage */
	bool by_hand; /* else computed from failures */
	uint32_t cpu_percent, memory_percent;
	uint32_t given; /* attributes that stand in the text, for lib/conf */
	uint32_t line;  /* 0: not in the text */
};

/* What is demanded with so many usable hosts: never that all of them fail. */
static inline uint32_t ha_admission_failures(const struct ha_admission_conf *a,
					     size_t usable)
{
	return usable == 0	      ? 0
	       : a->failures < usable ? a->failures
				      : (uint32_t)(usable - 1);
}

const char *ha_admission_policy_name(enum ha_admission_policy p);
const char *ha_admission_mode_name(enum ha_admission_mode m);

#endif
