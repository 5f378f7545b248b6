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
 * without a UUID gets the VM's. One reader serves many domains.
 */
struct ha_domain_reader {
	struct ha_arena *arena;
	struct ha_conf_errors *errors;
	struct ha_xml_dumper dumper;
	struct ha_vm_conf *vm; /* of the present call */
	xmlNode *domain;
};

void ha_domain_read(struct ha_domain_reader *r, xmlNode *domain,
		    struct ha_vm_conf *vm, bool has_uuid);

#endif
