/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * play.h - plays hacd to hac-agent-vm, inside namespaces where this libvirtd
 * and these QEMUs are the only ones (agent-vm.sh): starts and stops them,
 * keeps what the agent told, prints what held.
 *
 * Fill in play.program; start_libvirtd, start_agent; check what is true; at
 * the end play_end. VMs are numbers below VMS.
 */
#ifndef HA_TESTS_LAB_PLAY_H
#define HA_TESTS_LAB_PLAY_H

#include <sys/types.h>

#include "base/time.h"
#include "wire/agent.h"

#define VMS 32
#define ANSWERS 256

struct answer {
	uint64_t id;
	uint32_t code;
	ha_time at;
	char text[HA_TEXT_MAX + 1];
};

struct seen {
	uint32_t seen;
	uint32_t end;
	uint64_t instance;
	unsigned told; /* how often */
	ha_time at;
};

extern struct play {
	const char *program;
	pid_t agent;
	int fd;
	unsigned tests;
	unsigned failed;
	uint64_t next_id;
	/* what the agent told */
	unsigned ups;
	unsigned downs;
	unsigned inventories;
	unsigned notes;
	size_t listed;
	uint64_t memory_kib;
	uint32_t cpus, cpu_mhz;
	ha_time down_at;
	ha_time up_at;
	struct seen vms[VMS];
	struct answer answers[ANSWERS]; /* a ring, by id */
	char *xml;
	char last_note[HA_TEXT_MAX + 1];
} play;

void check(bool ok, const char *what);
void figure(const char *what, ha_dur us);
/* A shell's command: its status. */
int run(const char *command);
void signal_process(pid_t pid, int signo);
void start_libvirtd(void);
pid_t libvirtd_pid(void);
void start_agent(void);
/* What main() returns. */
int play_end(void);

struct ha_uuid uuid_of(unsigned vm);
void uuid_text(unsigned vm, char text[40]);
/* The pid of the QEMU of a VM, 0 if there is none. */
pid_t qemu_of(unsigned vm);

/* Takes what comes until cond holds; false after ms. */
bool await(bool (*cond)(uint64_t), uint64_t arg, int ms);
bool answered(uint64_t id);
bool is_absent(uint64_t vm);
bool is_running(uint64_t vm);
bool is_paused(uint64_t vm);
bool is_up(uint64_t n);
bool is_down(uint64_t n);
bool never(uint64_t n);

/* Sends it under a new id, which comes back. */
uint64_t send_message(struct ha_am *m);
/* Of a VM; an XML for a start. */
uint64_t ask(enum ha_am_kind kind, unsigned vm, const char *xml,
	     uint32_t timeout_ms);
/* Asks and waits: the code, or 99 for no answer. */
uint32_t ask_wait(enum ha_am_kind kind, unsigned vm, const char *xml);
const struct answer *answer_of(uint64_t id);
/* Of the last one that was asked. */
const char *last_text(void);

#endif
