/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor.h"

#include <unistd.h>

#include "ask.h"
#include "client/client.h"
#include "file.h"
#include "run.h"
#include "verbs.h"

enum { TOOL_S = 15 };

static void check_corosync(struct hactl_findings *f)
{
	static const char *const cmap[] = { "corosync-cmapctl", NULL };
	static const char *const quorum[] = { "corosync-quorumtool", "-s",
					      NULL };
	struct ha_buf out = { .data = NULL };
	int r = hactl_run(cmap, TOOL_S, &out, NULL);

	f->check = "corosync";
	if (r != 0 || out.data == NULL) {
		hactl_finding(f, HACTL_ERROR, r == 127 ? "is not installed" :
			      "does not answer on this host", r == 127 ?
			      "apt install corosync" :
			      "systemctl status corosync; journalctl -u "
			      "corosync");
		ha_buf_fini(&out);
		return;
	}
	hactl_doctor_corosync(out.data, f);
	ha_buf_clear(&out);
	/* its exit code tells quorum, not success */
	(void)!hactl_run(quorum, TOOL_S, &out, NULL);
	hactl_doctor_quorum(out.data != NULL ? out.data : "", f);
	ha_buf_fini(&out);
}

/* Is a hacd there at all? Asked without the error that hactl_get prints. */
static bool hacd_answers(struct hactl_findings *f)
{
	struct ha_client *client = NULL;
	int r = ha_client_connect(&(struct ha_client_options){ .wait = 0 },
				  &client);

	ha_client_close(client);
	if (r == 0) {
		return true;
	}
	f->check = "hacd";
	hactl_finding(f, HACTL_ERROR, "does not answer on this host",
		      "systemctl status hacd; journalctl -u hacd; be root or "
		      "in the group 'hac'");
	return false;
}

static void check_configuration(struct hactl *h, struct hactl_findings *f,
				struct ha_config **ret_config)
{
	struct hactl_config text = { .text = NULL };
	json_t *fences = NULL;

	if (hactl_config_fetch(h, NULL, &text) != HACTL_OK ||
	    hactl_config_parse(h, &text, ret_config) != HACTL_OK) {
		f->check = "config";
		hactl_finding(f, HACTL_WARNING, "could not be read, so fence "
			      "devices, secrets and disks are not checked",
			      "see the message above");
		hactl_config_fini(&text);
		return;
	}
	hactl_config_fini(&text);
	hactl_doctor_fencing(*ret_config, f);
	if ((*ret_config)->device_count == 0) {
		return;
	}
	if (hactl_get(h, HA_REQUEST_FENCE_CHECK, NULL, &fences) == HACTL_OK) {
		hactl_doctor_devices(json_object_get(fences, "fences"), f);
	} else {
		f->check = "fencing";
		hactl_finding(f, HACTL_WARNING, "hacd could not be asked for "
			      "the status of the fence devices", "try each "
			      "agent by hand, as in the README");
	}
	json_decref(fences);
}

static int show_findings(struct hactl *h, const struct hactl_findings *f)
{
	struct ha_buf b = { .data = NULL };
	json_t *json;

	if (!h->json) {
		hactl_findings_print(f, &h->screen, &b);
		return hactl_flush(&b);
	}
	json = hactl_findings_json(f);
	hactl_print_json(json);
	json_decref(json);
	return HACTL_OK;
}

static int run_doctor(struct hactl *h)
{
	struct hactl_findings f = { .list = NULL };
	struct ha_config *config = NULL;
	json_t *status = NULL;
	bool json = h->json;
	int r;

	h->json = false; /* what fails on the way goes to stderr only */
	f.check = "corosync";
	if (geteuid() == 0) {
		check_corosync(&f);
	} else {
		hactl_finding(&f, HACTL_WARNING, "this user may not ask "
			      "corosync and libvirt, nor look at secrets and "
			      "disks: they are not checked", "run it as root");
	}
	if (hacd_answers(&f) &&
	    hactl_get(h, HA_REQUEST_STATUS, NULL, &status) == HACTL_OK) {
		hactl_doctor_cluster(status, &f);
		if (json_array_size(json_object_get(status, "hosts")) > 0) {
			check_configuration(h, &f, &config);
		}
	}
	hactl_doctor_host(geteuid() == 0 ? config : NULL, &f);
	h->json = json;
	r = show_findings(h, &f);
	if (r == HACTL_OK && hactl_findings_worst(&f) == HACTL_ERROR) {
		r = HACTL_FAILED;
	}
	json_decref(status);
	ha_conf_free(config);
	hactl_findings_fini(&f);
	return r;
}

const struct hactl_verb hactl_doctor_verb = {
	.noun = "doctor", .args = "",
	.help = "look for what would fail in the hour of need",
	.more = "Checks corosync, quorum, hacd, libvirt on every host, fence "
		"devices (by asking their status), and on this host: other "
		"cluster managers, autostart of VMs, fence agents, files with "
		"secrets, disks on local storage. Run it on every host, "
		"before you rely on the cluster and after every change. Exits "
		"1 if there is an error.",
	.run = run_doctor,
};
