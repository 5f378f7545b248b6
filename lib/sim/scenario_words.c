/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario_words.h"

#include <assert.h>

const char *ha_scn_verb_name(enum ha_scn_verb v)
{
	static const char *const names[] = {
#define X(id, word, args) word,
		HA_SCN_VERB_LIST(X)
#undef X
	};

	assert(v < HA_SCN_VERB_COUNT);
	return names[v];
}

const char *ha_scn_verb_args(enum ha_scn_verb v)
{
	static const char *const args_of[] = {
#define X(id, word, args) args,
		HA_SCN_VERB_LIST(X)
#undef X
	};

	assert(v < HA_SCN_VERB_COUNT);
	return args_of[v];
}

const char *ha_scn_program_name(enum ha_scn_program p)
{
	static const char *const names[] = {
#define X(id, word) word,
		HA_SCN_PROGRAM_LIST(X)
#undef X
	};

	assert(p < HA_SCN_PROGRAM_COUNT);
	return names[p];
}

const char *ha_scn_mode_name(enum ha_scn_mode m)
{
	static const char *const names[HA_SCN_MODE_COUNT] = {
		"", "lost", "hung", "back", "dead", "failing", "lying", "slow",
		"ok", "down", "up", "start", "stop", "migrate",
		"wrong-password", "shared", "full", "loss", "delay", "drift",
		"guest-agent", "app", "hacd", "coordinator", "action", "send",
		"persist", "vm", "fence", "answer",
	};

	assert(m < HA_SCN_MODE_COUNT);
	return names[m];
}

const char *ha_scn_vm_state_name(enum ha_scn_vm_state s)
{
	static const char *const names[HA_SCN_VM_STATE_COUNT] = {
		"new", "stopped", "waiting", "starting", "running", "stopping",
		"migrating", "recovering", "failed", "unknown", "incident",
		"aside",
	};

	assert(s < HA_SCN_VM_STATE_COUNT);
	return names[s];
}

const char *ha_scn_host_state_name(enum ha_scn_host_state s)
{
	static const char *const names[HA_SCN_HOST_STATE_COUNT] = {
		"new", "online", "joining", "maintenance", "leaving", "left",
		"agent-down", "lost", "fenced", "frozen", "isolated", "off",
	};

	assert(s < HA_SCN_HOST_STATE_COUNT);
	return names[s];
}

const char *ha_scn_mend_name(enum ha_scn_mend m)
{
	static const char *const names[HA_SCN_MEND_COUNT] = {
		"", "next", "waits", "off", "no-room", "no-place",
	};

	assert(m < HA_SCN_MEND_COUNT);
	return names[m];
}
