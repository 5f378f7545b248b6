/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "virt.h"

#include <assert.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

#define KEEPALIVE_SECONDS 5
#define KEEPALIVE_COUNT 5
/* A QEMU that is just being killed has lost its name: look again for 1 s. */
#define SCAN_TRIES 20
#define SCAN_PAUSE_MS 50

virConnectPtr ha_virt_open(const char *uri)
{
	virConnectPtr conn = virConnectOpen(uri);

	if (conn && virConnectSetKeepAlive(conn, KEEPALIVE_SECONDS,
					   KEEPALIVE_COUNT) < 0) {
		virConnectClose(conn);
		conn = NULL;
	}
	return conn;
}

uint32_t ha_virt_seen(int state)
{
	switch ((virDomainState)state) {
	case VIR_DOMAIN_NOSTATE:
	case VIR_DOMAIN_RUNNING:
	case VIR_DOMAIN_BLOCKED:
	case VIR_DOMAIN_SHUTDOWN: /* on its way, but its QEMU is there */
		return HA_SEEN_RUNNING;
	case VIR_DOMAIN_PAUSED:
	case VIR_DOMAIN_PMSUSPENDED:
	case VIR_DOMAIN_CRASHED: /* kept for a look at the guest */
		return HA_SEEN_PAUSED;
	case VIR_DOMAIN_SHUTOFF:
		return HA_SEEN_ABSENT;
	}
	return HA_SEEN_RUNNING; /* a later libvirt's; active in any case */
}

/* passwd='…' of every element; the attribute has this name everywhere. */
static void mask_passwords(const char *xml, char *text)
{
	const char *p = xml;

	while ((p = strstr(p, "passwd="))) {
		const char *value = p + 8;
		const char *end = p[7] ? strchr(value, p[7]) : NULL;
		size_t len;
		char *at;

		p += 7;
		if (!end || end == value) {
			continue;
		}
		len = (size_t)(end - value);
		while ((at = memmem(text, strlen(text), value, len))) {
			memset(at, '*', len);
			if (len == 1 && *value == '*') {
				break;
			}
		}
	}
}

void ha_virt_error(const char *secret_xml, char text[HA_VIRT_TEXT])
{
	virErrorPtr e = virGetLastError();
	const char *message = e && e->message ? e->message : "no reason given";
	bool quotes = e && (e->code == VIR_ERR_XML_ERROR ||
			    e->code == VIR_ERR_XML_DETAIL);
	char line[2048];
	size_t len = 0;

	/* A parser quotes the line it stumbled on: only its first says why. */
	for (const char *p = message; *p && len < sizeof(line) - 1; p++) {
		if (*p == '\n' && quotes) {
			break;
		}
		line[len++] = (unsigned char)*p < ' ' ? ' ' : *p;
	}
	while (len > 0 && line[len - 1] == ' ') {
		len--;
	}
	line[len] = '\0';
	if (secret_xml) {
		mask_passwords(secret_xml, line);
	}
	snprintf(text, HA_VIRT_TEXT, "%.*s", HA_TEXT_MAX, line);
}

static void copy_name(virDomainPtr dom, char name[HA_NAME_MAX + 1])
{
	const char *given = virDomainGetName(dom);

	snprintf(name, HA_NAME_MAX + 1, "%s", given ? given : "?");
}

void ha_virt_look(virConnectPtr conn, const struct ha_uuid *uuid,
		  struct ha_look *ret_look)
{
	struct ha_look look = { 0 };
	virDomainPtr dom = NULL;
	int state;

	if (conn) {
		dom = virDomainLookupByUUID(conn, uuid->b);
	}
	if (dom && virDomainGetState(dom, &state, NULL, 0) == 0) {
		look.seen = ha_virt_seen(state);
		look.active = look.seen != HA_SEEN_ABSENT;
		look.id = (int)virDomainGetID(dom);
		copy_name(dom, look.name);
		look.answered = true;
		ha_virt_tame(dom);
	} else if (conn && virGetLastErrorCode() == VIR_ERR_NO_DOMAIN) {
		look.answered = true;
	}
	if (dom) {
		virDomainFree(dom);
	}
	/* After libvirt's word: a QEMU that it starts meanwhile is seen. */
	ha_procs_scan("/proc", &look.procs);
	*ret_look = look;
}

void ha_look_fini(struct ha_look *look)
{
	ha_procs_fini(&look->procs);
}

static struct ha_listed *find_listed(struct ha_listing *l,
				     const unsigned char uuid[16])
{
	for (size_t i = 0; i < l->count; i++) {
		if (memcmp(l->list[i].uuid.b, uuid, 16) == 0) {
			return &l->list[i];
		}
	}
	return NULL;
}

/* One question for all, since hosts with hundreds of domains exist. */
static int list_persistent(virConnectPtr conn, struct ha_listing *l,
			   bool autostart)
{
	unsigned flags = VIR_CONNECT_LIST_DOMAINS_ACTIVE |
		VIR_CONNECT_LIST_DOMAINS_PERSISTENT;
	virDomainPtr *doms = NULL;
	int n;

	if (autostart) {
		flags |= VIR_CONNECT_LIST_DOMAINS_AUTOSTART;
	}
	n = virConnectListAllDomains(conn, &doms, flags);
	for (int i = 0; i < n; i++) {
		unsigned char uuid[16];
		struct ha_listed *d = virDomainGetUUID(doms[i], uuid) == 0
			? find_listed(l, uuid) : NULL;

		if (d) {
			d->persistent = true;
			d->autostart = autostart;
		}
		virDomainFree(doms[i]);
	}
	free(doms);
	return n < 0 ? HA_E_FAILED : 0;
}

static int list_domains(virConnectPtr conn, struct ha_listing *l)
{
	virDomainStatsRecordPtr *records = NULL;
	int n = virConnectGetAllDomainStats(
		conn, VIR_DOMAIN_STATS_STATE, &records,
		VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE);

	if (n < 0) {
		return HA_E_FAILED;
	}
	l->list = calloc((size_t)n + 1, sizeof(*l->list));
	for (int i = 0; i < n && l->list; i++) {
		struct ha_listed *d = &l->list[l->count];
		int state = VIR_DOMAIN_NOSTATE;

		(void)virTypedParamsGetInt(records[i]->params,
					   records[i]->nparams, "state.state",
					   &state);
		d->seen = ha_virt_seen(state);
		d->id = (int)virDomainGetID(records[i]->dom);
		copy_name(records[i]->dom, d->name);
		if (d->seen != HA_SEEN_ABSENT &&
		    virDomainGetUUID(records[i]->dom, d->uuid.b) == 0) {
			l->count++;
		}
	}
	virDomainStatsRecordListFree(records);
	if (!l->list || list_persistent(conn, l, false) < 0) {
		return HA_E_FAILED;
	}
	return list_persistent(conn, l, true);
}

static bool all_named(const struct ha_procs *procs)
{
	static const struct ha_uuid none;

	return ha_procs_find(procs, &none) == NULL;
}

static void scan_all(struct ha_procs *procs)
{
	for (unsigned i = 0; i < SCAN_TRIES; i++) {
		ha_procs_fini(procs);
		ha_procs_scan("/proc", procs);
		if (procs->complete && all_named(procs)) {
			return;
		}
		(void)poll(NULL, 0, SCAN_PAUSE_MS);
	}
	if (procs->complete) {
		ha_log(HA_LOG_WARNING, "a QEMU process was killed but does not "
		       "end, and nothing tells whose it is: its VM may be "
		       "reported absent too early");
	}
}

int ha_virt_list(virConnectPtr conn, struct ha_listing *ret_listing,
		 char text[HA_VIRT_TEXT])
{
	struct ha_listing l = { 0 };
	virNodeInfo node;

	if (virNodeGetInfo(conn, &node) < 0 || list_domains(conn, &l) < 0) {
		ha_virt_error(NULL, text);
		ha_listing_fini(&l);
		return HA_E_FAILED;
	}
	l.memory_kib = node.memory;
	l.cpus = node.cpus;
	l.cpu_mhz = node.mhz;
	scan_all(&l.procs);
	if (!l.procs.complete) {
		snprintf(text, HA_VIRT_TEXT, "/proc cannot be read whole");
		ha_listing_fini(&l);
		return HA_E_FAILED;
	}
	*ret_listing = l;
	return 0;
}

void ha_listing_fini(struct ha_listing *listing)
{
	free(listing->list);
	ha_procs_fini(&listing->procs);
	*listing = (struct ha_listing){ 0 };
}

void ha_virt_tame(virDomainPtr dom)
{
	int autostart = 0;

	if (virDomainIsPersistent(dom) != 1 ||
	    virDomainGetAutostart(dom, &autostart) < 0 || !autostart) {
		return;
	}
	if (virDomainSetAutostart(dom, 0) < 0) {
		ha_log(HA_LOG_ERR, "vm '%s': libvirt would start it by itself at "
		       "boot, and autostart cannot be switched off: %s; do so "
		       "with virsh autostart --disable",
		       virDomainGetName(dom), virGetLastErrorMessage());
		return;
	}
	ha_log(HA_LOG_WARNING, "vm '%s': libvirt would have started it by "
	       "itself at boot; switched its autostart off",
	       virDomainGetName(dom));
}
