/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be unique: names of objects, ids of hosts, UUIDs and writable disks
 * of VMs. Each kind is a list of keys, sorted; equal neighbours are told at the
 * later one, naming the earlier.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/check.h"

struct key {
	const char *text;
	const char *kind;  /* of the owner */
	const char *owner; /* name of the object */
	uint32_t line;     /* of the key */
	bool shared;       /* may be in another list too, if that is shared */
};

struct keys {
	struct key *list; /* owned */
	size_t count;
};

static bool init_keys(struct keys *k, size_t max)
{
	k->list = calloc(max > 0 ? max : 1, sizeof(*k->list));
	k->count = 0;
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

static void tell_name(const struct key *first, const struct key *key,
		      struct ha_conf_errors *errors)
{
	struct ha_conf_at at = { key->line, key->kind, key->owner };

	ha_conf_error(errors, &at,
		      "the name is already that of the %s in line %" PRIu32
		      "; rename or remove one", first->kind, first->line);
}

static void check_names(struct keys *k, struct ha_conf_errors *errors)
{
	qsort(k->list, k->count, sizeof(*k->list), compare_keys);
	for (size_t i = 1, first = 0; i < k->count; i++) {
		if (strcmp(k->list[first].text, k->list[i].text) != 0) {
			first = i;
		} else {
			tell_name(&k->list[first], &k->list[i], errors);
		}
	}
}

/* Objects whose names are of one space: a list may name a host or a group. */
enum space { HOSTS, DEVICES, VMS, RULES, DATASTORES, NETWORKS, SPACES };

struct named {
	enum space space;
	const char *kind;
	const void *list;
	size_t count, size, name, line; /* of an object, and offsets in it */
};

static void add_names(struct keys *k, const struct named *n)
{
	for (size_t i = 0; i < n->count; i++) {
		const char *object = (const char *)n->list + i * n->size;
		struct key key = { .kind = n->kind };

		memcpy(&key.text, object + n->name, sizeof(key.text));
		memcpy(&key.line, object + n->line, sizeof(key.line));
		key.owner = key.text;
		add_key(k, &key);
	}
}

#define NAMED(space, kind, type, list, count)                                \
	{ (space), (kind), c->list, c->count, sizeof(struct type),           \
	  offsetof(struct type, name), offsetof(struct type, line) }

static int check_object_names(const struct ha_config *c,
			      struct ha_conf_errors *errors)
{
	const struct named all[] = {
		NAMED(HOSTS, "host", ha_host_conf, hosts, host_count),
		NAMED(HOSTS, "host group", ha_host_group, host_groups,
		      host_group_count),
		NAMED(DEVICES, "fence device", ha_fence_device, devices,
		      device_count),
		NAMED(VMS, "vm", ha_vm_conf, vms, vm_count),
		NAMED(VMS, "vm group", ha_vm_group, vm_groups, vm_group_count),
		NAMED(RULES, "vm-host rule", ha_vm_host_rule, vm_host_rules,
		      vm_host_rule_count),
		NAMED(RULES, "vm-vm rule", ha_vm_vm_rule, vm_vm_rules,
		      vm_vm_rule_count),
		NAMED(RULES, "dependency", ha_dependency, dependencies,
		      dependency_count),
		NAMED(DATASTORES, "datastore", ha_datastore_conf, datastores,
		      datastore_count),
		NAMED(NETWORKS, "network", ha_network_conf, networks,
		      network_count),
	};
	const size_t kinds = sizeof(all) / sizeof(*all);

	for (enum space space = 0; space < SPACES; space++) {
		struct keys keys;
		size_t max = 0;

		for (size_t i = 0; i < kinds; i++) {
			max += all[i].space == space ? all[i].count : 0;
		}
		if (!init_keys(&keys, max)) {
			return -1;
		}
		for (size_t i = 0; i < kinds; i++) {
			if (all[i].space == space) {
				add_names(&keys, &all[i]);
			}
		}
		check_names(&keys, errors);
		free(keys.list);
	}
	return 0;
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
	if (!init_keys(&k, max)) {
		return -1;
	}
	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];

		for (size_t j = 0; j < vm->disk_count; j++) {
			const struct ha_disk *d = &vm->disks[j];

			if (!d->read_only) {
				add_key(&k, &(struct key){
					.text = d->source, .owner = vm->name,
					.line = d->line,
					.shared = d->shareable });
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
	if (!init_keys(&k, max)) {
		return -1;
	}
	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_conf *vm = &c->vms[i];

		for (size_t j = 0; j < vm->nic_count; j++) {
			add_key(&k, &(struct key){
				.text = vm->nics[j].mac, .owner = vm->name,
				.line = vm->nics[j].line });
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
	check_host_ids(c, errors);
	check_uuids(c, errors);
	if (check_object_names(c, errors) || check_disks(c, errors) ||
	    check_macs(c, errors)) {
		ha_check_no_memory(c, errors);
	}
}
