/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "model/check.h"

/* The largest host, where every host says how large it is; else no limit. */
struct ha_host_size ha_config_largest(const struct ha_config *c,
				      ha_hostset hosts)
{
	static const struct ha_host_size unknown = { 0, 0, 0 };
	struct ha_host_size most = { 0, 0, 0 };

	for (size_t i = 0; i < c->host_count; i++) {
		const struct ha_host_conf *h = &c->hosts[i];
		struct ha_host_size room = ha_config_room(c, h, &unknown);

		if (h->id > HA_HOSTS_MAX || !ha_host_in(hosts, h->id)) {
			continue;
		}
		if (h->memory_kib == 0) {
			most.memory_kib = UINT64_MAX;
		} else if (room.memory_kib > most.memory_kib) {
			most.memory_kib = room.memory_kib;
		}
		if (h->cpus == 0) {
			most.cpus = UINT32_MAX;
		} else if (room.cpus > most.cpus) {
			most.cpus = room.cpus;
		}
	}
	return most;
}

/* Told only for the largest of those hosts that the VM may run on. */
static void check_size(const struct ha_config *c, const struct ha_vm_conf *vm,
		       const struct ha_conf_at *at,
		       struct ha_conf_errors *errors)
{
	ha_hostset hosts = ~(vm->placement.unreached | vm->placement.forbidden);
	struct ha_host_size most = ha_config_largest(c, hosts);
	const char *which = hosts == ~(ha_hostset)0
				    ? "" : " that it may run on";

	if (most.memory_kib > 0 && vm->memory_kib > most.memory_kib) {
		ha_conf_error(errors, at,
			      "it needs %" PRIu64 " MiB of memory (its domain's "
			      "and %" PRIu64 " MiB memory-overhead), the largest "
			      "host%s has %" PRIu64 " MiB; make the VM smaller "
			      "or a host's memory larger",
			      vm->memory_kib >> 10,
			      vm->memory_overhead_kib >> 10, which,
			      most.memory_kib >> 10);
	}
	if (most.cpus > 0 && vm->vcpus > most.cpus) {
		ha_conf_error(errors, at,
			      "it needs %" PRIu32 " vcpus, the largest host%s "
			      "has room for %" PRIu32 "; give it fewer, or "
			      "raise cpus of a host or cpu-overcommit",
			      vm->vcpus, which, most.cpus);
	}
	if (vm->memory_kib > HA_POOL_MEMORY_KIB_MAX) {
		ha_conf_error(errors, at,
			      "it needs more than 4 PiB of memory; hac cannot "
			      "count with that");
	}
	if (vm->memory_reserved_kib > vm->memory_kib) {
		ha_conf_error(errors, at,
			      "its reservation of %" PRIu64 " MiB is more than "
			      "the %" PRIu64 " MiB that it has; lower "
			      "memory-reservation or min_guarantee",
			      vm->memory_reserved_kib >> 10,
			      vm->memory_kib >> 10);
	}
}

static void check_ready(const struct ha_vm_conf *vm,
			const struct ha_conf_at *at,
			struct ha_conf_errors *errors)
{
	const struct ha_vm_restart *r = &vm->restart;
	bool agent = r->ready == HA_READY_GUEST ||
		     (r->ready == HA_READY_APP &&
		      (r->ready_port == 0 || !r->ready_address));

	if (r->ready == HA_READY_APP && r->ready_port == 0 &&
	    !r->ready_command) {
		ha_conf_error(errors, at,
			      "ready is app-ready, but nothing says how that is "
			      "seen; add ready-port or ready-command");
	} else if (agent && !vm->guest_agent) {
		ha_conf_warning(errors, at,
				"ready asks the guest agent, for which the "
				"domain has no <channel>: those that wait for "
				"it will wait for ready-timeout; add <channel "
				"type='unix'><target type='virtio' "
				"name='org.qemu.guest_agent.0'/></channel>");
	}
	if (r->ready_address && !ha_address_is_valid(r->ready_address)) {
		ha_conf_error(errors, at,
			      "ready-address is not a host name or an IP "
			      "address of at most %d characters; correct it",
			      HA_ADDR_MAX);
	}
	if (r->ready_command &&
	    (strlen(r->ready_command) > HA_PARAM_MAX ||
	     strpbrk(r->ready_command, "\t\r\n"))) {
		ha_conf_error(errors, at,
			      "ready-command is not one line of at most %d "
			      "characters; put what it does into a script in "
			      "the guest", HA_PARAM_MAX);
	}
	if (r->fail_back == HA_FAIL_BACK_WINDOW &&
	    r->windows[0].end_min == 0) {
		ha_conf_error(errors, at,
			      "fail-back is window, but there is none; add "
			      "fail-back-window=\"01:00-05:00\"");
	}
	if (r->windows[0].begin_min < r->windows[1].end_min &&
	    r->windows[1].begin_min < r->windows[0].end_min) {
		ha_conf_warning(errors, at,
				"the two times of fail-back-window overlap; "
				"make them one");
	}
}

/* A setting of its own that its fail-back does not look at. */
static void check_fail_back(const struct ha_config *c,
			    const struct ha_vm_conf *vm,
			    const struct ha_conf_at *at,
			    struct ha_conf_errors *errors)
{
	const struct ha_vm_restart *r = &vm->restart;
	const struct ha_vm_restart *usual = &c->vm_defaults.restart;

	if (r->fail_back != HA_FAIL_BACK_AFTER &&
	    r->fail_back_after != usual->fail_back_after) {
		ha_conf_warning(errors, at,
				"fail-back-after does nothing without "
				"fail-back=\"after\"; add that or remove it");
	}
	if (r->fail_back != HA_FAIL_BACK_WINDOW &&
	    memcmp(r->windows, usual->windows, sizeof(r->windows)) != 0) {
		ha_conf_warning(errors, at,
				"fail-back-window does nothing without "
				"fail-back=\"window\"; add that or remove it");
	}
	if (vm->priority == HA_PRIORITY_DISABLED &&
	    r->fail_back != HA_FAIL_BACK_NEVER &&
	    r->fail_back != usual->fail_back) {
		ha_conf_warning(errors, at,
				"fail-back does nothing for a VM that is never "
				"recovered; remove it or change "
				"restart-priority");
	}
}

static void check_cards(const struct ha_vm_conf *vm,
			const struct ha_conf_at *about,
			struct ha_conf_errors *errors)
{
	struct ha_conf_at at = *about;

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

void ha_config_check_vms(const struct ha_config *c,
			 struct ha_conf_errors *errors)
{
	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];
		struct ha_conf_at at = { vm->line, "vm", vm->name };

		ha_check_name(vm->name, &at, errors);
		check_size(c, vm, &at, errors);
		check_ready(vm, &at, errors);
		check_fail_back(c, vm, &at, errors);
		check_cards(vm, &at, errors);
	}
}
