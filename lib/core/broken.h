/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broken.h - the rules that are broken by where VMs run, and why nothing is
 * done about it, for people.
 *
 * Each host answers from its own knowledge; what only the coordinator knows
 * (VMs that wait for a place, how long it has been quiet) the others leave out.
 */
#ifndef HA_CORE_BROKEN_H
#define HA_CORE_BROKEN_H

#include "core/core.h"

#define HA_BROKEN_TOLD 64

#define HA_MEND_LIST(X)                                                       \
	X(NEXT, "next", "a move of one of its VMs comes next")                \
	X(WAITS, "waits", "one of its VMs moves when nothing else is under way") \
	X(OFF, "off", "it allows no restart, so no VM moves for it")          \
	X(NO_ROOM, "no-room", "where its VMs should be there is no room")     \
	X(NO_PLACE, "no-place", "on no host that can own them now is it better") \
	X(UNKNOWN, "unknown", "so much is broken that it was not found out")

enum ha_mend {
#define X(id, name, text) HA_MEND_##id,
	HA_MEND_LIST(X)
#undef X
	HA_MEND_COUNT
};

struct ha_broken_rule {
	const char *name; /* borrowed from the configuration, as the members */
	const char *keeps; /* "run-on", "keep-off", "together", "apart" ... */
	bool must;
	const struct ha_vm_list *members;
	ha_hostset hosts; /* members that these own break it */
	ha_dur since;     /* for so long at least, as this host knows */
	enum ha_mend mend;
	char why[HA_TEXT_MAX + 1];  /* it is not mended by now */
	char todo[HA_TEXT_MAX + 1]; /* what an admin could do; "" nothing */
};

/*
 * Of all VMs, or of one: then the rules that it breaks. How many there are; the
 * first HA_BROKEN_TOLD to ret, must rules first. Bounded (tens of milliseconds
 * where very much is broken). Only with a configuration. Uses the core's
 * scratch memory, changes nothing that it remembers.
 */
size_t ha_core_view_broken(struct ha_core *core, const struct ha_uuid *vm,
			   struct ha_broken_rule ret[HA_BROKEN_TOLD]);
const char *ha_mend_name(enum ha_mend m);
const char *ha_mend_text(enum ha_mend m);

#endif
