/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * section.c - every attribute of datastores, networks, groups, rules and
 * admission control, its default and its limits. Keep data/cluster.rng and
 * cluster.xml(5) in step.
 */
#include "conf/section.h"

#include <assert.h>
#include <string.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define GHZ(x) ((int64_t)(x) * 1000)

static const char *const policies[] = { "plan", "host-failures", "percentage",
					"failover-hosts", NULL };
static const char *const modes[] = { "enforce", "warn", "off", NULL };
static const char *const strengths[] = { "should", "must", NULL };
static const char *const keep[] = { "together", "apart", "spread", NULL };
static const char *const ready[] = { "placed", "started", "guest-ready",
				     "app-ready", NULL };

static_assert(sizeof(enum ha_admission_policy) == sizeof(int), "enum size");
static_assert(sizeof(enum ha_admission_mode) == sizeof(int), "enum size");
static_assert(sizeof(enum ha_rule_strength) == sizeof(int), "enum size");
static_assert(sizeof(enum ha_group_kind) == sizeof(int), "enum size");
static_assert(sizeof(enum ha_ready) == sizeof(int), "enum size");

#define T struct ha_admission_conf
static const struct ha_field admission_fields[] = {
	{ .name = "policy", .kind = HA_FIELD_WORD, .words = policies,
	  .standard = "plan", .offset = offsetof(T, policy) },
	{ .name = "mode", .kind = HA_FIELD_WORD, .words = modes,
	  .standard = "enforce", .offset = offsetof(T, mode) },
	{ .name = "failures", .kind = HA_FIELD_COUNT, .min = 0,
	  .max = HA_HOSTS_MAX - 1, .standard = "1",
	  .offset = offsetof(T, failures) },
	{ .name = "cpu-percent", .kind = HA_FIELD_PERCENT, .min = 0,
	  .max = 100, .offset = offsetof(T, cpu_percent) },
	{ .name = "memory-percent", .kind = HA_FIELD_PERCENT, .min = 0,
	  .max = 100, .offset = offsetof(T, memory_percent) },
	{ .name = "slot-cpu", .kind = HA_FIELD_FREQUENCY, .min = 1,
	  .max = GHZ(1000), .zero = "computed", .standard = "computed",
	  .offset = offsetof(T, slot_cpu_mhz) },
	{ .name = "slot-memory", .kind = HA_FIELD_SIZE, .min = 1,
	  .max = HA_POOL_MEMORY_KIB_MAX, .zero = "computed",
	  .standard = "computed", .offset = offsetof(T, slot_memory_kib) },
	{ .name = "slot-cpu-max", .kind = HA_FIELD_FREQUENCY, .min = 1,
	  .max = GHZ(1000), .zero = "unlimited", .standard = "unlimited",
	  .offset = offsetof(T, slot_cpu_mhz_max) },
	{ .name = "slot-memory-max", .kind = HA_FIELD_SIZE, .min = 1,
	  .max = HA_POOL_MEMORY_KIB_MAX, .zero = "unlimited",
	  .standard = "unlimited",
	  .offset = offsetof(T, slot_memory_kib_max) },
	{ .name = "slot-cpu-min", .kind = HA_FIELD_FREQUENCY, .min = 1,
	  .max = GHZ(1000), .standard = "32MHz",
	  .offset = offsetof(T, slot_cpu_mhz_min) },
	{ .name = "slot-memory-min", .kind = HA_FIELD_SIZE, .min = 0,
	  .max = HA_POOL_MEMORY_KIB_MAX, .standard = "0KiB",
	  .offset = offsetof(T, slot_memory_kib_min) },
};

const struct ha_field_table ha_fields_admission = {
	admission_fields, LEN(admission_fields), offsetof(T, given), 0
};
#undef T

#define T struct ha_datastore_conf
static const struct ha_field datastore_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(T, name) },
	{ .name = "path", .kind = HA_FIELD_TEXT, .offset = offsetof(T, path) },
	{ .name = "pool", .kind = HA_FIELD_TEXT, .offset = offsetof(T, pool) },
	{ .name = "source", .kind = HA_FIELD_TEXT,
	  .offset = offsetof(T, source) },
	{ .name = "hosts", .kind = HA_FIELD_NAMES,
	  .offset = offsetof(T, hosts_text) },
	{ .name = "starts", .kind = HA_FIELD_COUNT, .min = 1, .max = 1000,
	  .zero = "unlimited", .offset = offsetof(T, starts_max) },
};

static const struct ha_field_table datastore_table = {
	datastore_fields, LEN(datastore_fields), offsetof(T, given), 0
};
#undef T

#define T struct ha_network_conf
static const struct ha_field network_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(T, name) },
	{ .name = "bridge", .kind = HA_FIELD_TEXT,
	  .offset = offsetof(T, bridge) },
	{ .name = "network", .kind = HA_FIELD_TEXT,
	  .offset = offsetof(T, network) },
	{ .name = "device", .kind = HA_FIELD_TEXT,
	  .offset = offsetof(T, device) },
	{ .name = "hosts", .kind = HA_FIELD_NAMES,
	  .offset = offsetof(T, hosts_text) },
};

static const struct ha_field_table network_table = {
	network_fields, LEN(network_fields), offsetof(T, given), 0
};
#undef T

#define T struct ha_host_group
static const struct ha_field host_group_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(T, name) },
	{ .name = "hosts", .kind = HA_FIELD_NAMES, .required = true,
	  .offset = offsetof(T, hosts_text) },
	{ .name = "fault-domain", .kind = HA_FIELD_YESNO, .standard = "no",
	  .offset = offsetof(T, fault_domain) },
};

static const struct ha_field_table host_group_table = {
	host_group_fields, LEN(host_group_fields), offsetof(T, given), 0
};
#undef T

#define T struct ha_vm_group
static const struct ha_field vm_group_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(T, name) },
};

static const struct ha_field_table vm_group_table = {
	vm_group_fields, LEN(vm_group_fields), offsetof(T, given), 0
};
#undef T

#define T struct ha_vm_host_rule
static const struct ha_field vm_host_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(T, name) },
	{ .name = "strength", .kind = HA_FIELD_WORD, .words = strengths,
	  .required = true, .offset = offsetof(T, strength) },
	{ .name = "vms", .kind = HA_FIELD_NAMES, .required = true,
	  .offset = offsetof(T, vms_text) },
	{ .name = "run-on", .kind = HA_FIELD_NAMES,
	  .offset = offsetof(T, run_on_text) },
	{ .name = "keep-off", .kind = HA_FIELD_NAMES,
	  .offset = offsetof(T, keep_off_text) },
	{ .name = "restart", .kind = HA_FIELD_YESNO, .standard = "no",
	  .offset = offsetof(T, restart) },
};

static const struct ha_field_table vm_host_table = {
	vm_host_fields, LEN(vm_host_fields), offsetof(T, given), 0
};
#undef T

#define T struct ha_vm_vm_rule
static const struct ha_field vm_vm_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(T, name) },
	{ .name = "strength", .kind = HA_FIELD_WORD, .words = strengths,
	  .required = true, .offset = offsetof(T, strength) },
	{ .name = "vms", .kind = HA_FIELD_NAMES, .required = true,
	  .offset = offsetof(T, vms_text) },
	{ .name = "keep", .kind = HA_FIELD_WORD, .words = keep,
	  .required = true, .offset = offsetof(T, kind) },
	{ .name = "most", .kind = HA_FIELD_COUNT, .min = 1, .max = HA_VMS_MAX,
	  .zero = "even", .offset = offsetof(T, most) },
	{ .name = "restart", .kind = HA_FIELD_YESNO, .standard = "no",
	  .offset = offsetof(T, restart) },
};

static const struct ha_field_table vm_vm_table = {
	vm_vm_fields, LEN(vm_vm_fields), offsetof(T, given), 0
};
#undef T

#define T struct ha_dependency
static const struct ha_field dependency_fields[] = {
	{ .name = "name", .kind = HA_FIELD_TEXT, .required = true,
	  .offset = offsetof(T, name) },
	{ .name = "vms", .kind = HA_FIELD_NAMES, .required = true,
	  .offset = offsetof(T, vms_text) },
	{ .name = "after", .kind = HA_FIELD_NAMES, .required = true,
	  .offset = offsetof(T, after_text) },
	{ .name = "ready", .kind = HA_FIELD_WORD, .words = ready,
	  .standard = "started", .offset = offsetof(T, ready) },
	{ .name = "ready-delay", .kind = HA_FIELD_DURATION, .min = 0,
	  .max = HA_S(3600), .standard = "0s",
	  .offset = offsetof(T, ready_delay) },
};

static const struct ha_field_table dependency_table = {
	dependency_fields, LEN(dependency_fields), offsetof(T, given), 0
};
#undef T

#define SECTION(parent_, element_, kind_, type, table_, member)              \
	{ .parent = (parent_), .element = (element_), .kind = (kind_),       \
	  .fields = &(table_), .list = offsetof(struct ha_config, member##s), \
	  .count = offsetof(struct ha_config, member##_count),               \
	  .size = sizeof(struct type), .name = offsetof(struct type, name),  \
	  .line = offsetof(struct type, line) }

const struct ha_section ha_sections[] = {
	SECTION("datastores", "datastore", "datastore", ha_datastore_conf,
		datastore_table, datastore),
	SECTION("networks", "network", "network", ha_network_conf,
		network_table, network),
	SECTION("host-groups", "host-group", "host group", ha_host_group,
		host_group_table, host_group),
	SECTION("vm-groups", "vm-group", "vm group", ha_vm_group,
		vm_group_table, vm_group),
	SECTION("rules", "vm-host", "vm-host rule", ha_vm_host_rule,
		vm_host_table, vm_host_rule),
	SECTION("rules", "vm-vm", "vm-vm rule", ha_vm_vm_rule, vm_vm_table,
		vm_vm_rule),
	{ .parent = "rules", .element = "dependency", .kind = "dependency",
	  .fields = &dependency_table,
	  .list = offsetof(struct ha_config, dependencies),
	  .count = offsetof(struct ha_config, dependency_count),
	  .size = sizeof(struct ha_dependency),
	  .name = offsetof(struct ha_dependency, name),
	  .line = offsetof(struct ha_dependency, line) },
};
const size_t ha_section_count = LEN(ha_sections);
static_assert(LEN(ha_sections) <= HA_SECTIONS_MAX, "HA_SECTIONS_MAX");

/* All pointers look the same to us: copied, since their types differ. */
static const void *load_pointer(const void *object, size_t offset)
{
	const void *p;

	memcpy(&p, (const char *)object + offset, sizeof(p));
	return p;
}

size_t ha_section_objects(const struct ha_section *s,
			  const struct ha_config *c)
{
	size_t count;

	memcpy(&count, (const char *)c + s->count, sizeof(count));
	return count;
}

const void *ha_section_object(const struct ha_section *s,
			      const struct ha_config *c, size_t index)
{
	assert(index < ha_section_objects(s, c));
	return (const char *)load_pointer(c, s->list) + index * s->size;
}

const char *ha_section_name(const struct ha_section *s, const void *object)
{
	return load_pointer(object, s->name);
}

const void *ha_section_find(const struct ha_section *s,
			    const struct ha_config *c, const char *name)
{
	for (size_t i = 0; i < ha_section_objects(s, c); i++) {
		const void *o = ha_section_object(s, c, i);

		if (strcmp(ha_section_name(s, o), name) == 0) {
			return o;
		}
	}
	return NULL;
}

void ha_section_set(const struct ha_section *s, struct ha_config *c,
		    const void *list, size_t count)
{
	memcpy((char *)c + s->list, &list, sizeof(list));
	memcpy((char *)c + s->count, &count, sizeof(count));
}

void ha_section_set_defaults(const struct ha_section *s,
			     const struct ha_config *c, struct ha_arena *arena,
			     void *object)
{
	ha_field_set_defaults(s->fields, arena, object);
	if (s->fields == &datastore_table) {
		struct ha_datastore_conf *d = object;

		d->starts_max = c->starts_per_datastore;
	}
}
