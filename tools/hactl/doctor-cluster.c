/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hacd and the configuration tell: hosts, libvirt on each of them, fence
 * levels and devices, time limits.
 */
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "js.h"

static void check_flags(const json_t *cluster, struct hactl_findings *f)
{
	struct hactl_finding *n;

	if (hactl_js_bool(cluster, "empty")) {
		hactl_finding(f, HACTL_WARNING, "this host belongs to no "
			      "cluster yet", "hactl cluster create FILE, or "
			      "hactl host add on a host of the cluster");
		return;
	}
	if (!hactl_js_bool(cluster, "quorate")) {
		n = hactl_find(f, HACTL_ERROR, "");
		(void)snprintf(n->text, sizeof(n->text), "hacd has no quorum: "
			       "%s", hactl_js_str(cluster, "why"));
		(void)snprintf(n->todo, sizeof(n->todo), "see 'hactl status'");
	}
	if (hactl_js_bool(cluster, "disarmed")) {
		hactl_finding(f, HACTL_WARNING, "the cluster is disarmed: "
			      "nothing is fenced or restarted", "hactl arm");
	}
	if (hactl_js_bool(cluster, "frozen")) {
		hactl_finding(f, HACTL_ERROR, "hacd on this host is frozen "
			      "after crashes", "hactl report, then hactl host "
			      "unfreeze");
	}
}

static void check_fence_agent(const json_t *host, const char *name,
			      struct hactl_findings *f)
{
	struct hactl_finding *n;

	if (hactl_js_bool(host, "fence_agent")) {
		return;
	}
	n = hactl_find(f, HACTL_ERROR, name);
	(void)snprintf(n->text, sizeof(n->text), "its fence agent does not "
		       "work, so it cannot fence others");
	(void)snprintf(n->todo, sizeof(n->todo), "on that host: journalctl "
		       "-u hacd; systemctl restart hacd");
}

static void check_host(const json_t *host, struct hactl_findings *f)
{
	const char *state = hactl_js_str(host, "state");
	bool here = strcmp(state, "online") == 0 ||
		    strcmp(state, "maintenance") == 0 ||
		    strcmp(state, "frozen") == 0;
	char name[80];
	struct hactl_finding *n;

	(void)snprintf(name, sizeof(name), "host %s",
		       hactl_js_str(host, "name"));
	if (here && hactl_js_bool(host, "vm_agent")) {
		check_fence_agent(host, name, f);
		return;
	}
	n = hactl_find(f, strcmp(state, "left") == 0 ? HACTL_WARNING :
		       HACTL_ERROR, name);
	if (here) {
		(void)snprintf(n->text, sizeof(n->text), "libvirt does not "
			       "answer there; its VMs run on, but cannot be "
			       "started or stopped");
		(void)snprintf(n->todo, sizeof(n->todo), "on that host: "
			       "systemctl status libvirtd; journalctl -u "
			       "hacd");
		return;
	}
	(void)snprintf(n->text, sizeof(n->text), "is %s%s%s", state,
		       hactl_js_str(host, "why")[0] != '\0' ? ": " : "",
		       hactl_js_str(host, "why"));
	(void)snprintf(n->todo, sizeof(n->todo), "%s",
		       hactl_js_str(host, "todo"));
}

void hactl_doctor_cluster(const json_t *status, struct hactl_findings *f)
{
	const json_t *hosts = json_object_get(status, "hosts");
	size_t before;
	char text[64];

	f->check = "hacd";
	hactl_finding(f, HACTL_FINE, "answers", NULL);
	check_flags(json_object_get(status, "cluster"), f);
	f->check = "hosts";
	before = f->count;
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		check_host(json_array_get(hosts, i), f);
	}
	if (f->count == before && json_array_size(hosts) > 0) {
		(void)snprintf(text, sizeof(text), "all %zu are here, libvirt "
			       "answers on each", json_array_size(hosts));
		hactl_finding(f, HACTL_FINE, text, NULL);
	}
}

void hactl_doctor_fencing(const struct ha_config *config,
			  struct hactl_findings *f)
{
	struct hactl_finding *n;
	size_t without = 0;

	f->check = "fencing";
	for (size_t i = 0; i < config->host_count; i++) {
		const struct ha_host_conf *host = &config->hosts[i];
		char name[80];

		if (host->level_count > 0) {
			continue;
		}
		without++;
		(void)snprintf(name, sizeof(name), "host %s", host->name);
		n = hactl_find(f, HACTL_WARNING, name);
		(void)snprintf(n->text, sizeof(n->text), "has no fence "
			       "device: when it dies, its VMs are started "
			       "elsewhere only after an admin's word; the "
			       "promise 'always again' does not hold for it");
		(void)snprintf(n->todo, sizeof(n->todo), "give it a <fence> "
			       "in the configuration, see cluster.xml(5)");
	}
	if (without < config->host_count) {
		hactl_finding(f, HACTL_FINE, "a device that reads 'off' is "
			      "believed: this version has no second witness "
			      "against a device that lies", NULL);
	}
	for (size_t i = 0; i < config->device_count; i++) {
		const struct ha_fence_device *d = &config->devices[i];
		char name[80];

		if (d->timeout >= HA_S(10) ||
		    strcmp(d->agent, "fence_ipmilan") != 0) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "device %s", d->name);
		n = hactl_find(f, HACTL_WARNING, name);
		(void)snprintf(n->text, sizeof(n->text), "timeout %lld s is "
			       "short for a BMC, which may take longer to "
			       "switch off", (long long)(d->timeout / HA_S(1)));
		(void)snprintf(n->todo, sizeof(n->todo), "set timeout=\"20s\" "
			       "or leave it out");
	}
}

void hactl_doctor_devices(const json_t *fences, struct hactl_findings *f)
{
	f->check = "fencing";
	for (size_t i = 0; i < json_array_size(fences); i++) {
		const json_t *o = json_array_get(fences, i);
		bool works = strcmp(hactl_js_str(o, "code"), "failed") != 0;
		struct hactl_finding *n;
		char name[160];

		(void)snprintf(name, sizeof(name), "host %s, device %s",
			       hactl_js_str(o, "host"),
			       hactl_js_str(o, "device"));
		n = hactl_find(f, works ? HACTL_FINE : HACTL_ERROR, name);
		(void)snprintf(n->text, sizeof(n->text), works ?
			       "its status reads %s" : "its status cannot be "
			       "read: %s", works ? hactl_js_str(o, "code") :
			       hactl_js_str(o, "text"));
		if (!works) {
			(void)snprintf(n->todo, sizeof(n->todo), "try the "
				       "agent by hand, as in the README; "
				       "while it fails, this host's VMs "
				       "would wait for an admin's word");
		}
	}
}
