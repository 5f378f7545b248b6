/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.h - what hac must know of a libvirt domain: name, UUID, memory,
 * vcpus, disks, network cards. Everything else in it is libvirt's affair.
 */
#ifndef HA_CONF_DOMAIN_H
#define HA_CONF_DOMAIN_H

#include "conf/arena.h"
#include "conf/xml.h"
#include "model/config.h"

/*
 * Fills the fields of vm that come from its domain; vm's name and, if has_uuid,
 * its uuid are those of the <vm> element, and the domain must agree. A domain
 * without a UUID gets the VM's.
 */
void ha_domain_read(xmlNode *domain, bool has_uuid, struct ha_arena *arena,
		    struct ha_vm_conf *vm, struct ha_conf_errors *errors);

#endif
