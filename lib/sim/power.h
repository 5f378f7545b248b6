/* SPDX-License-Identifier: GPL-2.0-or-later */
/* power.h - hosts as machines: power, boot, their hacd's life. */
#ifndef HA_SIM_POWER_H
#define HA_SIM_POWER_H

#include "core/action.h"
#include "sim/pend.h"

#define SIM_BOOT HA_S(5) /* from power on to a running system */

/* An end of hacd in the middle of a step: what the core asked for up to there is
 * done, and the rest is not. What nobody outside can see does not count. */
struct sim_dying {
	uint32_t left;       /* so many actions more; 0: it lives */
	uint32_t kind;       /* enum ha_action_kind that counts; 0: any */
	ha_dur back_after;   /* as of sim_hacd_crash */
};

enum sim_leave { SIM_LEAVE_NO, SIM_LEAVE_ASKED, SIM_LEAVE_OFF };

/* Switches it on; its operating system is up after `taking`. */
void sim_power_on(struct sim *s, ha_hostid host, ha_dur taking);
void sim_power_off(struct sim *s, ha_hostid host, const char *why);
/* The admin shuts it down in good order; then it may boot again. */
void sim_power_shutdown(struct sim *s, ha_hostid host, bool reboot);
void sim_power_answered(struct sim *s, ha_hostid host, uint64_t id);
/* The whole machine stands still, and goes on. */
void sim_power_hang(struct sim *s, ha_hostid host, bool hung);

/* After a while, if the host runs then. */
void sim_hacd_start(struct sim *s, ha_hostid host, ha_dur after);
void sim_hacd_crash(struct sim *s, ha_hostid host, ha_dur back_after);
/* Unless it ends before by something else. */
void sim_hacd_crash_after(struct sim *s, ha_hostid host,
			  const struct sim_dying *dying);
/* Hangs until `goes_on` (0: for ever) or until its supervisor kills it. */
void sim_hacd_hang(struct sim *s, ha_hostid host, ha_dur for_time);
void sim_hacd_stop(struct sim *s, ha_hostid host);
/* An event for its core, now; what the core asks for is done. Afterwards hacd
 * may be gone. */
void sim_hacd_step(struct sim *s, ha_hostid host, struct ha_event *ev);

void sim_corosync_crash(struct sim *s, ha_hostid host, ha_dur back_after);

#endif
