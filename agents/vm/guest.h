/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.h - what is said to a guest agent, and what it answers, as JSON. An
 * answer is the guest's: anything may stand in it, of any length and depth.
 * What makes no sense is told apart from what says no.
 */
#ifndef HA_AGENT_VM_GUEST_H
#define HA_AGENT_VM_GUEST_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HA_GUEST_PING "{\"execute\":\"guest-ping\"}"
#define HA_GUEST_INTERFACES "{\"execute\":\"guest-network-get-interfaces\"}"
#define HA_GUEST_ANSWER_BYTES_MAX (1u << 20)
#define HA_ADDRESSES_MAX 8 /* that are tried of one guest */

enum ha_guest_end {
	HA_GUEST_NONSENSE, /* no answer to the question */
	HA_GUEST_RUNS,
	HA_GUEST_EXITED,   /* with *ret_status */
	HA_GUEST_KILLED    /* by a signal, or in a way that it does not tell */
};

union ha_address { /* which is told by any.sa_family */
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct ha_address_list {
	union ha_address list[HA_ADDRESSES_MAX]; /* without a port */
	size_t count;
};

/* To run a program with its words, separated by blanks; to learn how it ended.
 * Owned by the caller; NULL: no word in it, no UTF-8, or no memory. */
char *ha_guest_exec(const char *command);
char *ha_guest_exec_status(int64_t pid);

/* False, and *ret_pid untouched: nonsense. */
bool ha_guest_read_pid(const char *answer, int64_t *ret_pid);
enum ha_guest_end ha_guest_read_end(const char *answer, int *ret_status);
/* The first ones that another host could mean by them: no loopback, nothing
 * of one link only, no group. False, and *ret_list untouched: nonsense. */
bool ha_guest_read_addresses(const char *answer,
			     struct ha_address_list *ret_list);

#endif
