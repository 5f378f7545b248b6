/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>

#include "model/check.h"

/* A setting that the policy does not look at would be a promise broken. */
static void check_unused(const struct ha_admission_conf *a,
			 const struct ha_conf_at *at,
			 struct ha_conf_errors *errors)
{
	bool slots = a->slot_cpu_mhz || a->slot_memory_kib ||
		     a->slot_cpu_mhz_max || a->slot_memory_kib_max;

	if (slots && a->policy != HA_ADMISSION_HOST_FAILURES) {
		ha_conf_error(errors, at,
			      "slot sizes do not matter to policy %s; remove "
			      "them or set policy=\"host-failures\"",
			      ha_admission_policy_name(a->policy));
	}
	if (a->by_hand && a->policy != HA_ADMISSION_PERCENTAGE) {
		ha_conf_error(errors, at,
			      "percentages do not matter to policy %s; remove "
			      "them or set policy=\"percentage\"",
			      ha_admission_policy_name(a->policy));
	}
}

static void check_slots(const struct ha_admission_conf *a,
			const struct ha_conf_at *at,
			struct ha_conf_errors *errors)
{
	if ((a->slot_cpu_mhz && a->slot_cpu_mhz_max) ||
	    (a->slot_memory_kib && a->slot_memory_kib_max)) {
		ha_conf_error(errors, at,
			      "a slot's size is set and limited at once; remove "
			      "slot-cpu and slot-memory, or their -max");
	}
	if ((a->slot_cpu_mhz_max && a->slot_cpu_mhz_min > a->slot_cpu_mhz_max) ||
	    (a->slot_memory_kib_max &&
	     a->slot_memory_kib_min > a->slot_memory_kib_max)) {
		ha_conf_error(errors, at,
			      "the smallest slot is larger than the largest; "
			      "lower slot-cpu-min or slot-memory-min, or raise "
			      "their -max");
	}
}

static void check_failover_hosts(const struct ha_config *c,
				 const struct ha_conf_at *at,
				 struct ha_conf_errors *errors)
{
	uint32_t spare = 0;

	for (size_t i = 0; i < c->host_count; i++) {
		spare += c->hosts[i].failover;
	}
	if (spare > 0 && spare == c->host_count) {
		ha_conf_error(errors, at,
			      "all hosts are failover hosts, so that no VM "
			      "could run in normal times; remove failover=\"yes\" "
			      "from some");
	}
	if (c->admission.policy == HA_ADMISSION_FAILOVER_HOSTS &&
	    spare < (c->admission.failures ? c->admission.failures : 1)) {
		ha_conf_error(errors, at,
			      "%" PRIu32 " failover hosts cannot stand in for "
			      "%" PRIu32 " that fail; give <host> elements "
			      "failover=\"yes\", or lower failures", spare,
			      c->admission.failures);
	}
}

/* A warning: what is in force must be readable after an upgrade. */
static void check_percentages(const struct ha_admission_conf *a,
			      const struct ha_conf_at *at,
			      struct ha_conf_errors *errors)
{
	if (a->by_hand && a->policy == HA_ADMISSION_PERCENTAGE &&
	    (a->cpu_percent >= 100 || a->memory_percent >= 100)) {
		ha_conf_warning(errors, at,
				"100%% are kept free, so that no VM may be "
				"started; lower cpu-percent and memory-percent "
				"below 100%%");
	}
}

void ha_config_check_admission(const struct ha_config *c,
			       struct ha_conf_errors *errors)
{
	const struct ha_admission_conf *a = &c->admission;
	struct ha_conf_at at = { a->line, "admission", NULL };

	if (a->failures_set && a->failures >= c->host_count &&
	    c->host_count > 0) {
		ha_conf_error(errors, &at,
			      "failures=\"%" PRIu32 "\" is not below the number "
			      "of hosts, which is %zu; lower it to %zu at most",
			      a->failures, c->host_count, c->host_count - 1);
	}
	check_unused(a, &at, errors);
	check_slots(a, &at, errors);
	check_percentages(a, &at, errors);
	check_failover_hosts(c, &at, errors);
}
