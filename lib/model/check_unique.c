/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be unique: names and ids of hosts, names of devices, names, UUIDs
 * and writable disks of VMs. Each kind is a list of keys, sorted; equal
 * neighbours are told at the later one, naming the earlier.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/check.h"

struct key {
	const char *text;
	const char *owner; /* name of the object */
	uint32_t line;     /* of the key */
	bool shared;       /* may be in another list too, if that is shared */
};

struct keys {
	struct key *list; /* owned */
	size_t count;
	const char *kind; /* of the owners */
};

static bool init_keys(struct keys *k, size_t max, const char *kind)
{
	k->list = calloc(max > 0 ? max : 1, sizeof(*k->list));
	k->count = 0;
	k->kind = kind;
	return k->list != NULL;
}

static void add_key(struct keys *k, const struct key *key)
{
	if (key->text) {
		k->list[k->count++] = *key;
	}
}

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int cmp = strcmp(x->text, y->text);

	return cmp ? cmp : x->line < y->line ? -1 : x->line > y->line;
}

static void tell_name(const struct keys *k, const struct key *first,
		      const struct key *key, struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { key->line, k->kind, key->owner };

	ha_conf_error(errors, &at,
		      "the name is already that of the %s in line %" PRIu32
		      "; rename or remove one", k->kind, first->line);
}

static void check_names(struct keys *k, struct ha_conf_errors *errors)
{
	qsort(k->list, k->count, sizeof(*k->list), compare_keys);
	for (size_t i = 1, first = 0; i < k->count; i++) {
		if (strcmp(k->list[first].text, k->list[i].text) != 0) {
			first = i;
		} else {
			tell_name(k, &k->list[first], &k->list[i], errors);
		}
	}
}

static int check_object_names(const struct ha_config *c,
			      struct ha_conf_errors *errors)
{
	struct keys hosts, devices, vms;
	bool ok = init_keys(&hosts, c->host_count, "host");

	ok &= init_keys(&devices, c->device_count, "fence device");
	ok &= init_keys(&vms, c->vm_count, "vm");
	for (size_t i = 0; ok && i < c->host_count; i++) {
		const struct ha_host_conf *h = &c->hosts[i];

		add_key(&hosts, &(struct key){ h->name, h->name, h->line, 0 });
	}
	for (size_t i = 0; ok && i < c->device_count; i++) {
		const struct ha_fence_device *d = &c->devices[i];

		add_key(&devices,
			&(struct key){ d->name, d->name, d->line, 0 });
	}
	for (size_t i = 0; ok && i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];

		add_key(&vms, &(struct key){ vm->name, vm->name, vm->line, 0 });
	}
	if (ok) {
		check_names(&hosts, errors);
		check_names(&devices, errors);
		check_names(&vms, errors);
	}
	free(hosts.list);
	free(devices.list);
	free(vms.list);
	return ok ? 0 : -1;
}

static void check_host_ids(const struct ha_config *c,
			   struct ha_conf_errors *errors)
{
	for (size_t i = 1; i < c->host_count; i++) {
		const struct ha_host_conf *h = &c->hosts[i];
		struct ha_conf_at at = { h->line, "host", h->name };

		assert(c->hosts[i - 1].id <= h->id);
		if (h->id > 0 && c->hosts[i - 1].id == h->id) {
			ha_conf_error(errors, &at,
				      "id %" PRIu32 " is already that of host "
				      "'%.64s'; every host has its own nodeid "
				      "in corosync.conf", h->id,
				      c->hosts[i - 1].name ? c->hosts[i - 1].name
							   : "?");
		}
	}
}

static void check_uuids(const struct ha_config *c,
			struct ha_conf_errors *errors)
{
	static const struct ha_uuid none;

	for (size_t i = 1; i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];
		const struct ha_vm_conf *before = &c->vms[i - 1];
		struct ha_conf_at at = { vm->line, "vm", vm->name };

		assert(ha_uuid_cmp(&before->uuid, &vm->uuid) <= 0);
		if (ha_uuid_cmp(&vm->uuid, &none) != 0 &&
		    ha_uuid_cmp(&before->uuid, &vm->uuid) == 0) {
			ha_conf_error(errors, &at,
				      "its UUID is already that of vm '%.64s'; "
				      "a copied VM needs a new one ('uuidgen')",
				      before->name ? before->name : "?");
		}
	}
}

static void tell_disk(const struct key *a, const struct key *b,
		      struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { b->line, "vm", b->owner };

	if (a->owner == b->owner) {
		ha_conf_error(errors, &at,
			      "the disk '%.200s' is used twice; remove one",
			      b->text);
	} else {
		ha_conf_error(errors, &at,
			      "the disk '%.200s' is also written by vm '%.64s' "
			      "(line %" PRIu32 "); give one of them another "
			      "disk, or mark both <shareable/> if the guests "
			      "really share it", b->text,
			      a->owner ? a->owner : "?", a->line);
	}
}

/* Every disk that a guest writes has one writer, unless all of its users say
 * <shareable/>. A reader beside a writer is allowed: it is an ISO or a base
 * image as often as not. */
static int check_disks(const struct ha_config *c,
		       struct ha_conf_errors *errors)
{
	struct keys k;
	size_t max = 0;

	for (size_t i = 0; i < c->vm_count; i++) {
		max += c->vms[i].disk_count;
	}
	if (!init_keys(&k, max, "vm")) {
		return -1;
	}
	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];

		for (size_t j = 0; j < vm->disk_count; j++) {
			const struct ha_disk *d = &vm->disks[j];

			if (!d->read_only) {
				add_key(&k, &(struct key){ d->source, vm->name,
							   d->line,
							   d->shareable });
			}
		}
	}
	qsort(k.list, k.count, sizeof(*k.list), compare_keys);
	for (size_t i = 1, first = 0; i < k.count; i++) {
		if (strcmp(k.list[first].text, k.list[i].text) != 0) {
			first = i;
		} else if (!k.list[first].shared || !k.list[i].shared) {
			tell_disk(&k.list[first], &k.list[i], errors);
		}
	}
	free(k.list);
	return 0;
}

/* Two cards with one MAC may be meant, in separate networks: a warning. */
static int check_macs(const struct ha_config *c, struct ha_conf_errors *errors)
{
	struct keys k;
	size_t max = 0;

	for (size_t i = 0; i < c->vm_count; i++) {
		max += c->vms[i].nic_count;
	}
	if (!init_keys(&k, max, "vm")) {
		return -1;
	}
	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];

		for (size_t j = 0; j < vm->nic_count; j++) {
			add_key(&k, &(struct key){ vm->nics[j].mac, vm->name,
						   vm->nics[j].line, false });
		}
	}
	qsort(k.list, k.count, sizeof(*k.list), compare_keys);
	for (size_t i = 1; i < k.count; i++) {
		struct ha_conf_at at = { k.list[i].line, "vm",
					 k.list[i].owner };

		if (strcmp(k.list[i - 1].text, k.list[i].text) == 0) {
			ha_conf_warning(errors, &at,
					"MAC %.20s is also used by vm '%.64s'; "
					"in one network that breaks both",
					k.list[i].text,
					k.list[i - 1].owner
						? k.list[i - 1].owner
						: "?");
		}
	}
	free(k.list);
	return 0;
}

void ha_config_check_unique(const struct ha_config *c,
			    struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { 0, "cluster", c->name };

	check_host_ids(c, errors);
	check_uuids(c, errors);
	if (check_object_names(c, errors) || check_disks(c, errors) ||
	    check_macs(c, errors)) {
		ha_conf_error(errors, &at,
			      "out of memory while checking it; try again");
	}
}
