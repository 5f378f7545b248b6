/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/check.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

bool ha_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > HA_NAME_MAX ||
	    (!is_alnum(name[0]) && name[0] != '_')) {
		return false;
	}
	for (const char *p = name; *p; p++) {
		if (!is_alnum(*p) && !strchr("_.+:@-", *p)) {
			return false;
		}
	}
	return true;
}

bool ha_path_is_valid(const char *path)
{
	if (path[0] != '/' || path[1] == '\0' || strlen(path) >= PATH_MAX) {
		return false;
	}
	for (const char *p = path; (p = strchr(p, '/')) != NULL; p++) {
		size_t len = strcspn(p + 1, "/");

		if ((len == 1 && p[1] == '.') ||
		    (len == 2 && p[1] == '.' && p[2] == '.')) {
			return false;
		}
	}
	return true;
}

void ha_check_no_memory(const struct ha_config *c,
			struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { 0, "cluster", c->name };

	ha_conf_error(errors, &at, "out of memory while checking it; try "
		      "again");
}

bool ha_address_is_valid(const char *address)
{
	return strlen(address) <= HA_ADDR_MAX &&
	       !strpbrk(address, " \t\n/\"'<>&;|$`\\");
}

void ha_check_name(const char *name, const struct ha_conf_at *at,
		   struct ha_conf_errors *errors)
{
	if (name && !ha_name_is_valid(name)) {
		ha_conf_error(errors, at,
			      "this name cannot be used; take at most %d "
			      "letters, digits and _ . + : @ -, beginning with "
			      "a letter, a digit or _", HA_NAME_MAX);
	}
}

/* The range of an id; its uniqueness is checked elsewhere. */
/* No errors: what is in force must be readable after an upgrade. */
static void check_reserves(const struct ha_host_conf *h,
			   const struct ha_conf_at *at,
			   struct ha_conf_errors *errors)
{
	if (h->memory_kib > 0 && h->memory_reserve_kib >= h->memory_kib) {
		ha_conf_warning(errors, at,
				"memory-reserve takes all of the host's memory, "
				"so no VM could run there; make it less than %"
				PRIu64 " MiB", h->memory_kib >> 10);
	}
	if (h->cpus > 0 && h->cpu_reserve >= h->cpus) {
		ha_conf_warning(errors, at,
				"cpu-reserve takes all of the host's cpus, so no "
				"VM could run there; make it less than %" PRIu32,
				h->cpus);
	}
}

static void check_host(const struct ha_host_conf *h,
		       struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { h->line, "host", h->name };

	ha_check_name(h->name, &at, errors);
	if (h->id > HA_HOSTS_MAX) {
		ha_conf_error(errors, &at,
			      "id %" PRIu32 " is not from 1 to %d; give the "
			      "host such a nodeid in corosync.conf and here",
			      h->id, HA_HOSTS_MAX);
	}
	if (h->migration_address &&
	    !ha_address_is_valid(h->migration_address)) {
		ha_conf_error(errors, &at,
			      "migration-address is not a host name or an IP "
			      "address of at most %d characters; correct it",
			      HA_ADDR_MAX);
	}
	check_reserves(h, &at, errors);
}

static void check_cluster(const struct ha_config *c,
			  struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { 0, "cluster", c->name };

	ha_check_name(c->name, &at, errors);
	if (c->host_count == 0) {
		ha_conf_error(errors, &at, "there is no host; add "
			      "<hosts><host name=\"…\" id=\"…\"/></hosts>");
	}
	if (c->alert && !ha_path_is_valid(c->alert)) {
		ha_conf_error(errors, &at,
			      "the alert command must be an absolute path "
			      "without . and .., the same on every host");
	}
}

/* What can be counted with at all. */
static void check_limits(const struct ha_config *c,
			 struct ha_conf_errors *errors)
{
	const struct {
		const char *what;
		size_t count, most;
	} limits[] = {
		{ "hosts", c->host_count, HA_HOSTS_MAX },
		{ "VMs", c->vm_count, HA_VMS_MAX },
		{ "host groups", c->host_group_count, HA_GROUPS_MAX },
		{ "VM groups", c->vm_group_count, HA_GROUPS_MAX },
		{ "datastores", c->datastore_count, HA_DATASTORES_MAX },
		{ "networks", c->network_count, HA_NETWORKS_MAX },
		{ "rules", c->vm_host_rule_count + c->vm_vm_rule_count +
				   c->dependency_count, HA_RULES_MAX },
	};
	struct ha_conf_at at = { 0, "cluster", c->name };

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		if (limits[i].count > limits[i].most) {
			ha_conf_error(errors, &at,
				      "%zu %s are more than the limit of %zu",
				      limits[i].count, limits[i].what,
				      limits[i].most);
		}
	}
}

void ha_config_check(const struct ha_config *c, struct ha_conf_errors *errors)
{
	assert(c);
	assert(errors);
	check_cluster(c, errors);
	check_limits(c, errors);
	for (size_t i = 0; i < c->host_count; i++) {
		check_host(&c->hosts[i], errors);
	}
	ha_config_check_fence(c, errors);
	ha_config_check_admission(c, errors);
	ha_config_check_storage(c, errors);
	ha_config_check_vms(c, errors);
	ha_config_check_unique(c, errors);
	if (!c->names_unknown) {
		ha_config_check_rules(c, errors);
		ha_config_check_order(c, errors);
	}
}
