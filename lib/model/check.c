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

static void check_name(const char *name, const struct ha_conf_at *at,
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
static void check_host(const struct ha_host_conf *h,
		       struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { h->line, "host", h->name };

	check_name(h->name, &at, errors);
	if (h->id > HA_HOSTS_MAX) {
		ha_conf_error(errors, &at,
			      "id %" PRIu32 " is not from 1 to %d; give the "
			      "host such a nodeid in corosync.conf and here",
			      h->id, HA_HOSTS_MAX);
	}
	if (h->migration_address &&
	    (strlen(h->migration_address) > HA_ADDR_MAX ||
	     strpbrk(h->migration_address, " \t\n/\"'<>&;|$`\\"))) {
		ha_conf_error(errors, &at,
			      "migration-address is not a host name or an IP "
			      "address of at most %d characters; correct it",
			      HA_ADDR_MAX);
	}
}

static void check_cluster(const struct ha_config *c,
			  struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { 0, "cluster", c->name };

	check_name(c->name, &at, errors);
	if (c->host_count == 0) {
		ha_conf_error(errors, &at, "there is no host; add "
			      "<hosts><host name=\"…\" id=\"…\"/></hosts>");
	}
	if (c->host_count > HA_HOSTS_MAX) {
		ha_conf_error(errors, &at,
			      "%zu hosts are more than the limit of %d",
			      c->host_count, HA_HOSTS_MAX);
	}
	if (c->vm_count > HA_VMS_MAX) {
		ha_conf_error(errors, &at,
			      "%zu VMs are more than the limit of %d",
			      c->vm_count, HA_VMS_MAX);
	}
	if (c->alert && !ha_path_is_valid(c->alert)) {
		ha_conf_error(errors, &at,
			      "the alert command must be an absolute path "
			      "without . and .., the same on every host");
	}
}

/* The largest host, where every host says how large it is; else no limit. */
struct room {
	uint64_t memory_kib;
	uint64_t vcpus;
};

static struct room find_room(const struct ha_config *c)
{
	struct room r = { 0, 0 };

	for (size_t i = 0; i < c->host_count; i++) {
		const struct ha_host_conf *h = &c->hosts[i];
		uint64_t vcpus = (uint64_t)h->cpus *
				 c->cpu_overcommit_percent / 100;

		if (h->memory_kib == 0) {
			r.memory_kib = UINT64_MAX;
		} else if (h->memory_kib > r.memory_kib) {
			r.memory_kib = h->memory_kib;
		}
		if (h->cpus == 0) {
			r.vcpus = UINT64_MAX;
		} else if (vcpus > r.vcpus) {
			r.vcpus = vcpus;
		}
	}
	return r;
}

static void check_vm(const struct ha_vm_conf *vm, const struct room *room,
		     struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { vm->line, "vm", vm->name };

	check_name(vm->name, &at, errors);
	if (room->memory_kib > 0 && vm->memory_kib > room->memory_kib) {
		ha_conf_error(errors, &at,
			      "it needs %" PRIu64 " MiB of memory (its domain's "
			      "and %" PRIu64 " MiB memory-overhead), the largest "
			      "host has %" PRIu64 " MiB; make the VM smaller or "
			      "a host's memory larger",
			      vm->memory_kib >> 10,
			      vm->memory_overhead_kib >> 10,
			      room->memory_kib >> 10);
	}
	if (room->vcpus > 0 && vm->vcpus > room->vcpus) {
		ha_conf_error(errors, &at,
			      "it needs %" PRIu32 " vcpus, the largest host has "
			      "room for %" PRIu64 "; give it fewer, or raise "
			      "cpus of a host or cpu-overcommit",
			      vm->vcpus, room->vcpus);
	}
	for (size_t i = 0; i < vm->nic_count; i++) {
		if (!vm->nics[i].mac) {
			at.line = vm->nics[i].line;
			ha_conf_warning(errors, &at,
					"a network card has no <mac>: the guest "
					"will see a new one at every start; add "
					"<mac address='52:54:00:…'/>");
		}
	}
}

void ha_config_check(const struct ha_config *c, struct ha_conf_errors *errors)
{
	struct room room;

	assert(c);
	assert(errors);
	room = find_room(c);
	check_cluster(c, errors);
	for (size_t i = 0; i < c->host_count; i++) {
		check_host(&c->hosts[i], errors);
	}
	ha_config_check_fence(c, errors);
	for (size_t i = 0; i < c->vm_count; i++) {
		check_vm(&c->vms[i], &room, errors);
	}
	ha_config_check_unique(c, errors);
}
