/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario_words.h - the words of the scenario language; scenario(5). */
#ifndef HA_SIM_SCENARIO_WORDS_H
#define HA_SIM_SCENARIO_WORDS_H

/* name, first words, what follows: for messages */
#define HA_SCN_VERB_LIST(X)                                             \
	X(START, "start", "")                                           \
	X(BOOT, "boot", "HOST[,HOST...] [taking TIME]")                 \
	X(KILL, "kill", "HOST[,HOST...]")                               \
	X(SHUTDOWN, "shutdown", "HOST[,HOST...]")                       \
	X(REBOOT, "reboot", "HOST[,HOST...]")                           \
	X(REINSTALL, "reinstall", "HOST[,HOST...]")                     \
	X(HANG, "hang", "HOST [for TIME]")                              \
	X(ISOLATE, "isolate", "HOST")                                   \
	X(PARTITION, "partition", "HOST,... | HOST,... [link NUMBER]")  \
	X(CUT, "cut", "HOST HOST [link NUMBER]")                        \
	X(LINK, "link", "HOST NUMBER down|up|loss PERCENT|delay TIME")  \
	X(QDEVICE, "qdevice", "lost|back [HOST,...]")                   \
	X(HEAL, "heal", "[HOST,...|all [within TIME]]")                 \
	X(DATASTORE, "datastore", "NAME lost|hung|back")                \
	X(BMC, "bmc", "HOST dead|failing|wrong-password|lying|slow|shared|ok") \
	X(DISK, "disk", "HOST failing|full|slow|ok")                    \
	X(LIBVIRT, "libvirt", "HOST slow|lying|ok")                     \
	X(CLOCK, "clock", "HOST +TIME|drift PPM")                       \
	X(CRASH, "crash", "PROGRAM HOST [after action|send|persist|vm|" \
	  "fence|answer [N]] [for TIME]")                               \
	X(HANG_PROGRAM, "hang", "PROGRAM HOST [for TIME]")              \
	X(RESTART, "restart", "PROGRAM HOST")                           \
	X(CRASH_VM, "crash vm", "VM")                                   \
	X(HANG_VM, "hang vm", "VM")                                     \
	X(PAUSE_VM, "pause vm", "VM")                                   \
	X(POWEROFF_VM, "poweroff vm", "VM")                             \
	X(REBOOT_VM, "reboot vm", "VM")                                 \
	X(UPGRADE, "upgrade", "HOST[,HOST...] level NUMBER [since NUMBER]") \
	X(BREAK_VM, "break vm", "VM start|stop|migrate|guest-agent|" \
	  "app|hacd|coordinator [on HOST,...] [times N]")               \
	X(BREAK_HOST, "break host", "HOST coordinator [times N]")       \
	X(STRAY_VM, "stray vm", "VM on HOST")                           \
	X(HACTL, "hactl", "ARGUMENTS...")                               \
	X(REFUSED, "refused", "hactl ARGUMENTS...")                     \
	X(WAIT, "wait", "TIME")                                         \
	X(MARK, "mark", "")                                             \
	X(EXPECT, "expect", "[no] CONDITION [within TIME]")             \
	X(HOLD, "hold", "[no] CONDITION for TIME")

enum ha_scn_verb {
#define X(id, word, args) HA_SCN_##id,
	HA_SCN_VERB_LIST(X)
#undef X
	HA_SCN_VERB_COUNT
};

#define HA_SCN_PROGRAM_LIST(X)                                          \
	X(NONE, "") X(HACD, "hacd") X(COROSYNC, "corosync")             \
	X(LIBVIRT, "libvirt") X(AGENT_VM, "hac-agent-vm")               \
	X(AGENT_FENCE, "hac-agent-fence") X(AGENT_DISK, "hac-agent-disk") \
	X(AGENT_STORE, "hac-agent-store") X(WATCHDOGD, "hac-watchdogd") \
	X(WEBD, "hac-webd")

enum ha_scn_program {
#define X(id, word) HA_SCN_PROGRAM_##id,
	HA_SCN_PROGRAM_LIST(X)
#undef X
	HA_SCN_PROGRAM_COUNT
};

enum ha_scn_mode { /* what becomes of it, of many verbs */
	HA_SCN_MODE_NONE, HA_SCN_MODE_LOST, HA_SCN_MODE_HUNG, HA_SCN_MODE_BACK,
	HA_SCN_MODE_DEAD, HA_SCN_MODE_FAILING, HA_SCN_MODE_LYING,
	HA_SCN_MODE_SLOW, HA_SCN_MODE_OK, HA_SCN_MODE_DOWN, HA_SCN_MODE_UP,
	HA_SCN_MODE_START, HA_SCN_MODE_STOP, HA_SCN_MODE_MIGRATE,
	HA_SCN_MODE_PASSWORD, HA_SCN_MODE_SHARED, HA_SCN_MODE_FULL,
	HA_SCN_MODE_LOSS, HA_SCN_MODE_DELAY, HA_SCN_MODE_DRIFT,
	HA_SCN_MODE_GUEST_AGENT, HA_SCN_MODE_APP, HA_SCN_MODE_HACD,
	HA_SCN_MODE_COORDINATOR, HA_SCN_MODE_ACTION, HA_SCN_MODE_SEND,
	HA_SCN_MODE_PERSIST, HA_SCN_MODE_VM, HA_SCN_MODE_FENCE,
	HA_SCN_MODE_ANSWER,
	HA_SCN_MODE_COUNT
};

enum ha_scn_cond_kind {
	HA_SCN_COND_VM, HA_SCN_COND_VM_STARTS, HA_SCN_COND_HOST,
	HA_SCN_COND_FENCED, HA_SCN_COND_COORDINATOR, HA_SCN_COND_QUORATE,
	HA_SCN_COND_ORDER, HA_SCN_COND_TRACE, HA_SCN_COND_SETTLED,
	HA_SCN_COND_RULE
};

/* As hactl names them (core/view.h), in the order of enum ha_vm_shown. */
enum ha_scn_vm_state {
	HA_SCN_VM_NEW, HA_SCN_VM_STOPPED, HA_SCN_VM_WAITING,
	HA_SCN_VM_STARTING, HA_SCN_VM_RUNNING, HA_SCN_VM_STOPPING,
	HA_SCN_VM_MIGRATING, HA_SCN_VM_RECOVERING, HA_SCN_VM_FAILED,
	HA_SCN_VM_UNKNOWN, HA_SCN_VM_INCIDENT, HA_SCN_VM_ASIDE,
	HA_SCN_VM_STATE_COUNT
};

/* The first as hactl names them, in the order of enum ha_host_shown. */
enum ha_scn_host_state {
	HA_SCN_HOST_NEW, HA_SCN_HOST_ONLINE, HA_SCN_HOST_JOINING,
	HA_SCN_HOST_MAINTENANCE, HA_SCN_HOST_LEAVING, HA_SCN_HOST_LEFT,
	HA_SCN_HOST_AGENT_DOWN, HA_SCN_HOST_LOST, HA_SCN_HOST_FENCED,
	HA_SCN_HOST_FROZEN, HA_SCN_HOST_ISOLATED,
	HA_SCN_HOST_OFF /* really without power */, HA_SCN_HOST_STATE_COUNT
};

enum ha_scn_mend { /* of a broken rule; as hactl names them (core/broken.h) */
	HA_SCN_MEND_ANY, HA_SCN_MEND_NEXT, HA_SCN_MEND_WAITS, HA_SCN_MEND_OFF,
	HA_SCN_MEND_NO_ROOM, HA_SCN_MEND_NO_PLACE, HA_SCN_MEND_COUNT
};

/* All as written in a scenario; never NULL. */
const char *ha_scn_verb_name(enum ha_scn_verb v);
const char *ha_scn_verb_args(enum ha_scn_verb v);
const char *ha_scn_program_name(enum ha_scn_program p);
const char *ha_scn_mode_name(enum ha_scn_mode m);
const char *ha_scn_vm_state_name(enum ha_scn_vm_state s);
const char *ha_scn_host_state_name(enum ha_scn_host_state s);
const char *ha_scn_mend_name(enum ha_scn_mend m); /* "": ANY */

#endif
