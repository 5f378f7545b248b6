/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.h - is a guest, or what runs in it, ready? One look at a time, of a few
 * seconds at most unless libvirt or a name server hangs; it may block: for
 * workers' threads only. A port is only looked up here, and then dialled
 * (dial.h), which does not block.
 */
#ifndef HA_AGENT_VM_PROBE_H
#define HA_AGENT_VM_PROBE_H

#include "guest.h"
#include "virt.h"

enum ha_probed {
	HA_PROBED_NOT_YET, /* text says why */
	HA_PROBED_READY,
	HA_PROBED_DIAL,    /* the port is to be tried at `addresses` */
	HA_PROBED_NEVER    /* text: there is no guest agent to ask */
};

/* Owned by the caller, like its texts. Neither port nor command: does the
 * guest agent answer? */
struct ha_probe {
	struct ha_uuid uuid;
	uint16_t port;       /* TCP; 0: none */
	char *address;       /* of the port; NULL: as the guest agent says */
	char *command;       /* to run in the guest, until it gives 0 */
	int64_t pid;         /* of the command; -1: it does not run */
	bool ended;          /* text says how the command ended last */
	struct ha_address_list addresses;
	char text[HA_VIRT_TEXT]; /* one line of printable ASCII */
};

/* conn may be NULL: libvirt does not answer. */
enum ha_probed ha_probe_look(struct ha_probe *p, virConnectPtr conn);

/* Never blocks: does the address need no looking up? Then it is in addresses. */
bool ha_probe_is_numeric(struct ha_probe *p);
/* Never blocks: the text for a port that did not answer. */
void ha_probe_tell_silence(struct ha_probe *p);

#endif
