/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe.h"

#include <arpa/inet.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * libvirt lets nobody else at this guest's agent meanwhile. Its other calls
 * for agents (virDomainInterfaceAddresses) know no limit: one that takes a
 * question and never answers would keep a thread here and there for ever.
 */
#define AGENT_LIMIT_S 2

/* What the guest's agent says stands in errors, too: nothing that a terminal
 * or a log would stumble over. */
static void clean_text(struct ha_probe *p)
{
	char *to = p->text;

	for (const char *c = p->text; *c != '\0'; c++) {
		if (((unsigned char)*c & 0xc0) == 0x80) {
			continue; /* one '?' for a character, not for a byte */
		}
		*to++ = *c < ' ' || *c > '~' ? '?' : *c;
	}
	*to = '\0';
}

static enum ha_probed not_yet(struct ha_probe *p, const char *why)
{
	snprintf(p->text, sizeof(p->text), "%s", why);
	return HA_PROBED_NOT_YET;
}

/* libvirt wraps what the guest agent says in more than a line of its own. */
static void unwrap_error(struct ha_probe *p)
{
	char said[HA_VIRT_TEXT];
	const char *at = strstr(p->text, "agent command '");

	at = at ? strstr(at, "': ") : NULL;
	if (at) {
		snprintf(said, sizeof(said), "%s", at + 3);
		snprintf(p->text, sizeof(p->text), "its guest agent says: %.200s",
			 said);
	}
}

/* The answer is the caller's; without one, *ret says what that means. */
static char *ask_agent(struct ha_probe *p, virDomainPtr dom,
		       const char *request, enum ha_probed *ret)
{
	char *answer = virDomainQemuAgentCommand(dom, request, AGENT_LIMIT_S,
						 0);

	if (answer) {
		return answer;
	}
	*ret = HA_PROBED_NOT_YET;
	p->ended = false;
	ha_virt_error(NULL, p->text);
	unwrap_error(p);
	if (virGetLastErrorCode() == VIR_ERR_ARGUMENT_UNSUPPORTED) {
		*ret = HA_PROBED_NEVER;
		(void)not_yet(p, "its domain XML has no channel "
			      "'org.qemu.guest_agent.0' to a guest agent");
	}
	return NULL;
}

/* That it answers is enough: libvirt has checked that it is an answer. */
static enum ha_probed ping(struct ha_probe *p, virDomainPtr dom)
{
	enum ha_probed r = HA_PROBED_READY;

	free(ask_agent(p, dom, HA_GUEST_PING, &r));
	return r;
}

/* --- a port --- */

bool ha_probe_is_numeric(struct ha_probe *p)
{
	union ha_address *a = &p->addresses.list[0];

	if (p->port == 0 || !p->address) {
		return false;
	}
	if (inet_pton(AF_INET, p->address, &a->in.sin_addr) == 1) {
		a->in.sin_family = AF_INET;
	} else if (inet_pton(AF_INET6, p->address, &a->in6.sin6_addr) == 1) {
		a->in6.sin6_family = AF_INET6;
	} else {
		return false;
	}
	p->addresses.count = 1;
	return true;
}

static enum ha_probed resolve(struct ha_probe *p)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	int rc = getaddrinfo(p->address, NULL, &hints, &list);

	p->addresses.count = 0;
	for (const struct addrinfo *a = rc == 0 ? list : NULL;
	     a && p->addresses.count < HA_ADDRESSES_MAX; a = a->ai_next) {
		if (a->ai_addrlen <= sizeof(union ha_address)) {
			memcpy(&p->addresses.list[p->addresses.count++],
			       a->ai_addr, a->ai_addrlen);
		}
	}
	if (rc != 0) {
		snprintf(p->text, sizeof(p->text), "its ready-address '%.100s' "
			 "cannot be looked up: %s", p->address,
			 gai_strerror(rc));
		return HA_PROBED_NOT_YET;
	}
	freeaddrinfo(list);
	return HA_PROBED_DIAL;
}

static enum ha_probed ask_addresses(struct ha_probe *p, virDomainPtr dom)
{
	enum ha_probed r = HA_PROBED_DIAL;
	char *answer = ask_agent(p, dom, HA_GUEST_INTERFACES, &r);

	if (answer && !ha_guest_read_addresses(answer, &p->addresses)) {
		r = not_yet(p, "its guest agent answers nonsense when asked "
			    "for its addresses");
	} else if (answer && p->addresses.count == 0) {
		r = not_yet(p, "its guest agent names no address of it that "
			    "could be tried");
	}
	free(answer);
	return r;
}

void ha_probe_tell_silence(struct ha_probe *p)
{
	int len = snprintf(p->text, sizeof(p->text),
			   "its port %u does not answer at ", p->port);

	if (p->address) {
		snprintf(p->text + len, sizeof(p->text) - (size_t)len, "%.150s",
			 p->address);
		clean_text(p);
		return;
	}
	for (size_t i = 0; i < p->addresses.count; i++) {
		const union ha_address *a = &p->addresses.list[i];
		bool four = a->any.sa_family == AF_INET;
		char text[INET6_ADDRSTRLEN] = "?";

		inet_ntop(a->any.sa_family, four
			  ? (const void *)&a->in.sin_addr
			  : (const void *)&a->in6.sin6_addr, text,
			  sizeof(text));
		if ((size_t)len + strlen(text) + 3 > sizeof(p->text)) {
			return;
		}
		len += snprintf(p->text + len, sizeof(p->text) - (size_t)len,
				"%s%s", i > 0 ? ", " : "", text);
	}
}

/* --- a command --- */

/* How it ended before says more. */
static enum ha_probed runs_still(struct ha_probe *p)
{
	return p->ended ? HA_PROBED_NOT_YET
			: not_yet(p, "its ready-command runs still");
}

static enum ha_probed begin_command(struct ha_probe *p, virDomainPtr dom)
{
	enum ha_probed r = HA_PROBED_NOT_YET;
	char *request = ha_guest_exec(p->command);
	char *answer = request ? ask_agent(p, dom, request, &r) : NULL;

	if (!request) {
		r = not_yet(p, "its ready-command is empty or not UTF-8");
	} else if (answer && ha_guest_read_pid(answer, &p->pid)) {
		r = runs_still(p);
	} else if (answer) {
		r = not_yet(p, "its guest agent answers nonsense when asked "
			    "to run its ready-command");
	}
	free(request);
	free(answer);
	return r;
}

static enum ha_probed judge_end(struct ha_probe *p, const char *answer)
{
	int status = 0;
	enum ha_guest_end end = ha_guest_read_end(answer, &status);

	if (end == HA_GUEST_RUNS) {
		return runs_still(p);
	}
	p->pid = -1;
	p->ended = true;
	if (end == HA_GUEST_EXITED && status == 0) {
		return HA_PROBED_READY;
	}
	if (end == HA_GUEST_EXITED) {
		snprintf(p->text, sizeof(p->text), "its ready-command ends "
			 "with %d", status);
		return HA_PROBED_NOT_YET;
	}
	return not_yet(p, end == HA_GUEST_KILLED
			? "its ready-command was killed"
			: "its guest agent answers nonsense when asked for the "
			  "end of its ready-command");
}

/* Only an agent that answers can have forgotten the command: one that is slow
 * is not to run it twice. */
static enum ha_probed watch_command(struct ha_probe *p, virDomainPtr dom)
{
	enum ha_probed r = HA_PROBED_NOT_YET;
	char *request = ha_guest_exec_status(p->pid);
	char *answer = request ? ask_agent(p, dom, request, &r) : NULL;

	if (answer) {
		r = judge_end(p, answer);
	} else if (virGetLastErrorCode() == VIR_ERR_INTERNAL_ERROR) {
		p->pid = -1;
	}
	free(request);
	free(answer);
	return r;
}

static enum ha_probed look_at(struct ha_probe *p, virDomainPtr dom)
{
	if (p->port != 0) {
		return ask_addresses(p, dom);
	}
	if (!p->command) {
		return ping(p, dom);
	}
	return p->pid < 0 ? begin_command(p, dom) : watch_command(p, dom);
}

enum ha_probed ha_probe_look(struct ha_probe *p, virConnectPtr conn)
{
	enum ha_probed r = HA_PROBED_NOT_YET;
	virDomainPtr dom;

	if (p->port != 0 && p->address) {
		r = resolve(p);
	} else {
		dom = conn ? virDomainLookupByUUID(conn, p->uuid.b) : NULL;
		if (dom) {
			r = look_at(p, dom);
			virDomainFree(dom);
		} else {
			ha_virt_error(NULL, p->text);
		}
	}
	clean_text(p);
	return r;
}
