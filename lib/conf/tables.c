/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tables.c - every attribute of cluster.xml, its default and its limits. Keep
 * data/cluster.rng and cluster.xml(5) in step.
 */
#include "conf/field.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MINUTES(x) HA_S((x) * 60)
#define HOURS(x) HA_S((x) * 3600)
#define MIB(x) ((int64_t)(x) << 10)
#define GHZ(x) ((int64_t)(x) * 1000)
#define TIB(x) ((int64_t)(x) << 30)

static const char *const priorities[] = { "highest", "high",   "medium",
					  "low",     "lowest", "disabled",
					  NULL };
static const char *const wanted[] = { "stopped", "running", NULL };
static const char *const guest_shutdown[] = { "off", "restart", NULL };
static const char *const host_shutdown[] = { "move", "stop", NULL };

static const char *const ready[] = { "placed", "started", "guest-ready",
				     "app-ready", NULL };
static const char *const fail_back[] = { "never", "after", "window", NULL };
static const char *const scores[] = { "spread", "pack", NULL };

static const struct ha_field cluster_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(struct ha_config, name) },
};

static const struct ha_field defaults_fields[] = {
	{ .name = "starts-per-host", .kind = HA_FIELD_COUNT, .min = 1,
	  .max = 1000, .standard = "8",
	  .offset = offsetof(struct ha_config, starts_per_host) },
	{ .name = "starts-per-datastore", .kind = HA_FIELD_COUNT, .min = 1,
	  .zero = "unlimited", .max = 1000, .standard = "unlimited",
	  .offset = offsetof(struct ha_config, starts_per_datastore) },
	{ .name = "cpu-overcommit", .kind = HA_FIELD_PERCENT, .min = 1,
	  .max = 10000, .standard = "400%",
	  .offset = offsetof(struct ha_config, cpu_overcommit_percent) },
	{ .name = "memory-overcommit", .kind = HA_FIELD_PERCENT, .min = 1,
	  .max = 1000, .standard = "100%",
	  .offset = offsetof(struct ha_config, memory_overcommit_percent) },
	{ .name = "placement", .kind = HA_FIELD_WORD, .words = scores,
	  .standard = "spread",
	  .offset = offsetof(struct ha_config, placement) },
	{ .name = "preemption", .kind = HA_FIELD_YESNO, .standard = "no",
	  .offset = offsetof(struct ha_config, preemption) },
};

static const struct ha_field timing_fields[] = {
	{ .name = "fence-delay", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = MINUTES(10), .standard = "5s",
	  .offset = offsetof(struct ha_config, fence_delay) },
	{ .name = "start-wait", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = HOURS(24), .standard = "120s",
	  .offset = offsetof(struct ha_config, start_wait) },
	{ .name = "leave-timeout", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = HOURS(1), .standard = "30s",
	  .offset = offsetof(struct ha_config, leave_timeout) },
};

static const struct ha_field alert_fields[] = {
	{ .name = "command", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(struct ha_config, alert) },
};

static const struct ha_field device_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(struct ha_fence_device, name) },
	{ .name = "agent", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(struct ha_fence_device, agent) },
	{ .name = "timeout", .kind = HA_FIELD_DURATION, .min = HA_S(1),
	  .max = MINUTES(10), .standard = "20s",
	  .offset = offsetof(struct ha_fence_device, timeout) },
	{ .name = "retries", .kind = HA_FIELD_COUNT, .min = 0, .max = 100,
	  .standard = "2",
	  .offset = offsetof(struct ha_fence_device, retries) },
	{ .name = "power-on", .kind = HA_FIELD_YESNO, .standard = "yes",
	  .offset = offsetof(struct ha_fence_device, power_on) },
};

static const struct ha_field host_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(struct ha_host_conf, name) },
	{ .name = "id", .kind = HA_FIELD_COUNT, .min = 1, .max = HA_HOSTS_MAX,
	  .required = true, .offset = offsetof(struct ha_host_conf, id) },
	{ .name = "memory", .kind = HA_FIELD_SIZE, .zero = "detect", .min = MIB(1),
	  .max = TIB(1024), .standard = "detect",
	  .offset = offsetof(struct ha_host_conf, memory_kib) },
	{ .name = "cpus", .kind = HA_FIELD_COUNT, .zero = "detect", .min = 1,
	  .max = 65536, .standard = "detect",
	  .offset = offsetof(struct ha_host_conf, cpus) },
	{ .name = "cpu-frequency", .kind = HA_FIELD_FREQUENCY,
	  .zero = "detect", .min = 1, .max = GHZ(1000), .standard = "detect",
	  .offset = offsetof(struct ha_host_conf, cpu_mhz) },
	{ .name = "failover", .kind = HA_FIELD_YESNO, .standard = "no",
	  .offset = offsetof(struct ha_host_conf, failover) },
	{ .name = "migration-address", .kind = HA_FIELD_TEXT,
	  .offset = offsetof(struct ha_host_conf, migration_address) },
};

static const struct ha_field host_all_fields[] = {
	{ .name = "memory-reserve", .kind = HA_FIELD_SIZE, .min = 0,
	  .max = HA_POOL_MEMORY_KIB_MAX, .standard = "0KiB",
	  .offset = offsetof(struct ha_host_conf, memory_reserve_kib) },
	{ .name = "cpu-reserve", .kind = HA_FIELD_COUNT, .min = 0,
	  .max = 65536, .standard = "0",
	  .offset = offsetof(struct ha_host_conf, cpu_reserve) },
};

static const struct ha_field vm_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(struct ha_vm_conf, name) },
	{ .name = "uuid", .kind = HA_FIELD_UUID,
	  .offset = offsetof(struct ha_vm_conf, uuid) },
	{ .name = "groups", .kind = HA_FIELD_NAMES,
	  .offset = offsetof(struct ha_vm_conf, groups_text) },
};

#define RESTART(member) offsetof(struct ha_vm_conf, restart.member)

static const struct ha_field vm_all_fields[] = {
	{ .name = "restart-priority", .kind = HA_FIELD_WORD,
	  .words = priorities, .standard = "medium",
	  .offset = offsetof(struct ha_vm_conf, priority) },
	{ .name = "wanted", .kind = HA_FIELD_WORD, .words = wanted,
	  .standard = "running",
	  .offset = offsetof(struct ha_vm_conf, wanted) },
	{ .name = "on-guest-shutdown", .kind = HA_FIELD_WORD,
	  .words = guest_shutdown, .standard = "off",
	  .offset = offsetof(struct ha_vm_conf, on_guest_shutdown) },
	{ .name = "on-host-shutdown", .kind = HA_FIELD_WORD,
	  .words = host_shutdown, .standard = "move",
	  .offset = offsetof(struct ha_vm_conf, on_host_shutdown) },
	{ .name = "start-timeout", .kind = HA_FIELD_DURATION, .min = HA_S(1),
	  .max = HOURS(24), .standard = "120s",
	  .offset = offsetof(struct ha_vm_conf, start_timeout) },
	{ .name = "stop-timeout", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = HOURS(24), .standard = "180s",
	  .offset = offsetof(struct ha_vm_conf, stop_timeout) },
	{ .name = "memory-overhead", .kind = HA_FIELD_SIZE, .min = 0,
	  .max = TIB(1), .standard = "64MiB",
	  .offset = offsetof(struct ha_vm_conf, memory_overhead_kib) },
	{ .name = "memory-reservation", .kind = HA_FIELD_SIZE, .min = 0,
	  .max = HA_POOL_MEMORY_KIB_MAX, .standard = "0KiB",
	  .offset = offsetof(struct ha_vm_conf, memory_reservation_kib) },
	{ .name = "cpu-reservation", .kind = HA_FIELD_FREQUENCY, .min = 0,
	  .max = GHZ(100000), .standard = "0MHz",
	  .offset = offsetof(struct ha_vm_conf, cpu_reserved_mhz) },
	{ .name = "ready", .kind = HA_FIELD_WORD, .words = ready,
	  .standard = "placed", .offset = RESTART(ready) },
	{ .name = "ready-port", .kind = HA_FIELD_COUNT, .min = 1,
	  .max = 65535, .zero = "none", .standard = "none",
	  .offset = RESTART(ready_port) },
	{ .name = "ready-address", .kind = HA_FIELD_TEXT,
	  .offset = RESTART(ready_address) },
	{ .name = "ready-command", .kind = HA_FIELD_TEXT,
	  .offset = RESTART(ready_command) },
	{ .name = "ready-delay", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = HOURS(1), .standard = "0s", .offset = RESTART(ready_delay) },
	{ .name = "ready-timeout", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = HOURS(24), .standard = "600s",
	  .offset = RESTART(ready_timeout) },
	{ .name = "start-tries", .kind = HA_FIELD_COUNT, .min = 1, .max = 10,
	  .standard = "2", .offset = RESTART(start_tries) },
	{ .name = "failure-expiry", .kind = HA_FIELD_DURATION,
	  .min = HA_S(1), .max = HOURS(24 * 7), .standard = "1h",
	  .offset = RESTART(failure_expiry) },
	{ .name = "fail-back", .kind = HA_FIELD_WORD, .words = fail_back,
	  .standard = "never", .offset = RESTART(fail_back) },
	{ .name = "fail-back-after", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = HOURS(24 * 7), .standard = "10min",
	  .offset = RESTART(fail_back_after) },
	{ .name = "fail-back-window", .kind = HA_FIELD_WINDOWS,
	  .offset = RESTART(windows) },
};

#define CONFIG_GIVEN offsetof(struct ha_config, given)
#define VM_GIVEN offsetof(struct ha_vm_conf, given)

const struct ha_field_table ha_fields_cluster = {
	cluster_fields, LEN(cluster_fields), CONFIG_GIVEN, 0
};
const struct ha_field_table ha_fields_defaults = {
	defaults_fields, LEN(defaults_fields), CONFIG_GIVEN, 4
};
const struct ha_field_table ha_fields_timing = {
	timing_fields, LEN(timing_fields), CONFIG_GIVEN, 12
};
const struct ha_field_table ha_fields_alert = {
	alert_fields, LEN(alert_fields), CONFIG_GIVEN, 16
};
const struct ha_field_table ha_fields_device = {
	device_fields, LEN(device_fields),
	offsetof(struct ha_fence_device, given), 0
};
const struct ha_field_table ha_fields_host = {
	host_fields, LEN(host_fields), offsetof(struct ha_host_conf, given), 0
};
const struct ha_field_table ha_fields_host_all = {
	host_all_fields, LEN(host_all_fields),
	offsetof(struct ha_host_conf, given), 16
};
const struct ha_field_table ha_fields_vm = {
	vm_fields, LEN(vm_fields), VM_GIVEN, 0
};
const struct ha_field_table ha_fields_vm_all = {
	vm_all_fields, LEN(vm_all_fields), VM_GIVEN, 4
};
