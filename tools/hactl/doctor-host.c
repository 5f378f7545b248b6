/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must be looked at on the host itself: other managers, libvirt, its
 * autostart, fence agents, files with secrets, disks of VMs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/uuid.h"
#include "doctor.h"
#include "run.h"

enum { VIRSH_S = 15 };

static void check_others(struct hactl_findings *f)
{
	static const char *const names[] = { "pacemakerd", "sbd", "ha-crm",
					     "pve-ha-crm" };
	bool any = false;

	f->check = "others";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct hactl_finding *n;

		if (!hactl_process_runs(names[i])) {
			continue;
		}
		any = true;
		n = hactl_find(f, HACTL_ERROR, names[i]);
		(void)snprintf(n->text, sizeof(n->text), "runs on this host: "
			       "two managers fence and start against each "
			       "other");
		(void)snprintf(n->todo, sizeof(n->todo), "systemctl disable "
			       "--now pacemaker sbd, on all hosts");
	}
	if (!any) {
		hactl_finding(f, HACTL_FINE, "no other cluster manager runs "
			      "on this host", NULL);
	}
}

/* Domains of ours that libvirt would start by itself at boot. */
static void check_autostart(const struct ha_config *config,
			    struct hactl_findings *f)
{
	const char *const argv[] = { "virsh", "-q", "-c", "qemu:///system",
				     "list", "--all", "--autostart", "--uuid",
				     NULL };
	struct ha_buf out = { .data = NULL };
	size_t before = f->count;
	int r = hactl_run(argv, VIRSH_S, &out, NULL);

	f->check = "libvirt";
	if (r != 0) {
		hactl_finding(f, HACTL_WARNING, r == 127 ? "virsh is not "
			      "installed: autostart cannot be checked" :
			      "virsh gets no answer from libvirt on this host",
			      r == 127 ? "apt install libvirt-clients" :
			      "systemctl status libvirtd");
		ha_buf_fini(&out);
		return;
	}
	for (size_t i = 0; i < config->vm_count; i++) {
		char uuid[HA_UUID_TEXT], name[80];
		struct hactl_finding *n;

		ha_uuid_print(&config->vms[i].uuid, uuid);
		if (out.data == NULL || strstr(out.data, uuid) == NULL) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "vm %s",
			       config->vms[i].name);
		n = hactl_find(f, HACTL_ERROR, name);
		(void)snprintf(n->text, sizeof(n->text), "libvirt starts it at "
			       "boot of this host, although it may run "
			       "elsewhere");
		(void)snprintf(n->todo, sizeof(n->todo), "virsh autostart "
			       "--disable %s", config->vms[i].name);
	}
	if (f->count == before) {
		hactl_finding(f, HACTL_FINE, "answers on this host and starts "
			      "no VM of ours by itself", NULL);
	}
	ha_buf_fini(&out);
}

static void check_secret(const char *path, const char *device,
			 struct hactl_findings *f)
{
	struct hactl_finding *n;
	struct stat st;
	char name[96];

	(void)snprintf(name, sizeof(name), "device %s", device);
	if (stat(path, &st) < 0) {
		n = hactl_find(f, HACTL_ERROR, name);
		(void)snprintf(n->text, sizeof(n->text), "its secret %s cannot "
			       "be read on this host: %s", path,
			       strerror(errno));
		(void)snprintf(n->todo, sizeof(n->todo), "put the file on "
			       "every host, owned by root, mode 0600");
	} else if ((st.st_mode & 077) != 0 || st.st_uid != 0) {
		n = hactl_find(f, HACTL_ERROR, name);
		(void)snprintf(n->text, sizeof(n->text), "others than root may "
			       "read its secret %s", path);
		(void)snprintf(n->todo, sizeof(n->todo), "chown root %s; "
			       "chmod 0600 %s", path, path);
	}
}

static void check_secrets(const struct ha_param *params, size_t count,
			  const char *device, struct hactl_findings *f)
{
	for (size_t i = 0; i < count; i++) {
		if (params[i].file != NULL) {
			check_secret(params[i].file, device, f);
		}
	}
}

static void check_agent(const struct ha_fence_device *d,
			struct hactl_findings *f)
{
	struct hactl_finding *n;
	char path[300], name[96];

	(void)snprintf(path, sizeof(path), "/usr/sbin/%s", d->agent);
	if (d->agent[0] == '/') {
		(void)snprintf(path, sizeof(path), "%s", d->agent);
	}
	if (access(path, X_OK) == 0) {
		return;
	}
	(void)snprintf(name, sizeof(name), "device %s", d->name);
	n = hactl_find(f, HACTL_ERROR, name);
	(void)snprintf(n->text, sizeof(n->text), "%s is not installed on this "
		       "host", path);
	(void)snprintf(n->todo, sizeof(n->todo), "apt install fence-agents, on "
		       "every host");
}

static void check_devices(const struct ha_config *config,
			  struct hactl_findings *f)
{
	size_t before = f->count;

	f->check = "secrets";
	for (size_t i = 0; i < config->device_count; i++) {
		const struct ha_fence_device *d = &config->devices[i];

		check_agent(d, f);
		check_secrets(d->params, d->param_count, d->name, f);
	}
	for (size_t i = 0; i < config->host_count; i++) {
		const struct ha_host_conf *host = &config->hosts[i];

		for (size_t l = 0; l < host->level_count; l++) {
			for (size_t s = 0; s < host->levels[l].step_count;
			     s++) {
				const struct ha_fence_step *step =
					&host->levels[l].steps[s];

				check_secrets(step->params, step->param_count,
					      config->devices[step->device]
					      .name, f);
			}
		}
	}
	if (f->count == before && config->device_count > 0) {
		hactl_finding(f, HACTL_FINE, "fence agents and their secrets "
			      "are on this host, readable by root only", NULL);
	}
}

/* File systems that other hosts can have mounted too. */
static bool is_shared(long type)
{
	static const long shared[] = {
		0x6969,     /* NFS */
		0x00c36400, /* Ceph */
		0x01161970, /* GFS2 */
		0x7461636f, /* OCFS2 */
		0x65735546, /* FUSE: Gluster and others */
		0x517b, (long)0xfe534d42, (long)0xff534d42, /* SMB */
	};

	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		if (shared[i] == type) {
			return true;
		}
	}
	return false;
}

static void check_disk(const struct ha_vm_conf *vm, const struct ha_disk *disk,
		       struct hactl_findings *f)
{
	struct hactl_finding *n;
	struct statfs fs;
	char name[160];

	if (!disk->is_path || strncmp(disk->source, "/dev/", 5) == 0) {
		return; /* no file; whether others have it cannot be told */
	}
	(void)snprintf(name, sizeof(name), "vm %s, disk %s", vm->name,
		       disk->target);
	if (statfs(disk->source, &fs) < 0) {
		n = hactl_find(f, HACTL_WARNING, name);
		(void)snprintf(n->text, sizeof(n->text), "%s cannot be reached "
			       "on this host: %s; the VM cannot be started "
			       "here", disk->source, strerror(errno));
		(void)snprintf(n->todo, sizeof(n->todo), "mount the storage on "
			       "every host at the same place");
	} else if (!is_shared((long)fs.f_type)) {
		n = hactl_find(f, HACTL_WARNING, name);
		(void)snprintf(n->text, sizeof(n->text), "%s lies on a file "
			       "system of this host alone, as far as can be "
			       "seen: other hosts do not have it, or have "
			       "another", disk->source);
		(void)snprintf(n->todo, sizeof(n->todo), "move it to storage "
			       "that all hosts share (NFS, Ceph, iSCSI, ...)");
	}
}

static void check_disks(const struct ha_config *config,
			struct hactl_findings *f)
{
	size_t before = f->count;

	f->check = "disks";
	for (size_t i = 0; i < config->vm_count; i++) {
		const struct ha_vm_conf *vm = &config->vms[i];

		for (size_t d = 0; d < vm->disk_count; d++) {
			if (!vm->disks[d].read_only) {
				check_disk(vm, &vm->disks[d], f);
			}
		}
	}
	if (f->count == before && config->vm_count > 0) {
		hactl_finding(f, HACTL_FINE, "no disk lies on storage of this "
			      "host alone", NULL);
	}
}

void hactl_doctor_host(const struct ha_config *config,
		       struct hactl_findings *f)
{
	check_others(f);
	if (config == NULL) {
		return;
	}
	check_autostart(config, f);
	check_devices(config, f);
	check_disks(config, f);
}
