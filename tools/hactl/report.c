/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hactl report: what someone who helps needs to see, in one tar file. No
 * secrets: the configuration is asked for masked, keys are left out.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "base/err.h"
#include "client/client.h"
#include "folder.h"
#include "js.h"
#include "mask.h"
#include "run.h"
#include "verbs.h"

enum { TOOL_S = 60, FILE_MAX = 4 << 20 };

struct collecting {
	struct hactl *h;
	int dir; /* where the files go */
};

static void write_file(const struct collecting *c, const char *name,
		       const char *data, size_t len)
{
	/* what is left out of a report is no reason to give none */
	(void)!hactl_folder_write(c->dir, name, data, len);
}

static void add_answer(const struct collecting *c,
		       enum ha_request_kind request)
{
	json_t *answer;
	char name[80];
	char *text;

	if (hactl_get(c->h, request, NULL, &answer) != HACTL_OK) {
		return;
	}
	(void)snprintf(name, sizeof(name), "%s.json", ha_request_name(request));
	text = json_dumps(answer, JSON_INDENT(2));
	if (text != NULL) {
		write_file(c, name, text, strlen(text));
	}
	free(text);
	json_decref(answer);
}

/* The output of a program, its errors after it. */
static void add_output(const struct collecting *c, const char *name,
		       const char *const *argv)
{
	struct ha_buf out = { .data = NULL }, err = { .data = NULL };
	int r = hactl_run(argv, TOOL_S, &out, &err);

	ha_buf_printf(&out, "\n[%s: exit code %d]\n%s", argv[0], r,
		      err.data != NULL ? err.data : "");
	hactl_mask_keys(out.data, &out.len);
	if (out.data != NULL) {
		write_file(c, name, out.data, out.len);
	}
	ha_buf_fini(&out);
	ha_buf_fini(&err);
}

static void add_copy(const struct collecting *c, const char *name,
		     const char *path)
{
	struct ha_buf b = { .data = NULL };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return;
	}
	if (ha_buf_read_fd(&b, fd, FILE_MAX) == 0 && b.data != NULL) {
		hactl_mask_keys(b.data, &b.len);
		write_file(c, name, b.data, b.len);
	}
	(void)close(fd);
	ha_buf_fini(&b);
}

static void collect(const struct collecting *c)
{
	static const char *const versions[] = {
		"dpkg-query", "-W", "corosync*", "libqb*", "libvirt*",
		"qemu-system*", "fence-agents*", "libknet*", NULL };
	static const char *const kernel[] = { "uname", "-a", NULL };
	static const char *const cmap[] = { "corosync-cmapctl", NULL };
	static const char *const quorum[] = { "corosync-quorumtool", NULL };
	static const char *const links[] = { "corosync-cfgtool", "-s", NULL };
	static const char *const domains[] = { "virsh", "-c", "qemu:///system",
					       "list", "--all", NULL };
	static const char *const journal[] = {
		"journalctl", "--no-pager", "-o", "short-iso-precise",
		"--since", "-2days", "-n", "20000", "-u", "hacd", "-u",
		"hac-guests", "-u", "corosync", "-u", "libvirtd", NULL };

	write_file(c, "hac-version", PACKAGE_VERSION "\n",
		   strlen(PACKAGE_VERSION) + 1);
	add_output(c, "packages", versions);
	add_output(c, "uname", kernel);
	add_copy(c, "os-release", "/etc/os-release");
	add_copy(c, "corosync.conf", "/etc/corosync/corosync.conf");
	add_output(c, "corosync-cmapctl", cmap);
	add_output(c, "corosync-quorumtool", quorum);
	add_output(c, "corosync-cfgtool", links);
	add_output(c, "virsh-list", domains);
	add_output(c, "journal", journal);
}

static void add_record(const struct collecting *c)
{
	struct hactl_question q = { .kind = HA_REQUEST_RECORD };
	struct ha_buf record = { .data = NULL };

	if (hactl_fetch(c->h, &q, &record) == HACTL_OK) {
		write_file(c, "flight-record", record.data, record.len);
	}
	ha_buf_fini(&record);
}

/* What hacd tells; without it the rest is still worth having. */
static void collect_from_hacd(const struct collecting *c)
{
	struct ha_client *client = NULL;
	int r = ha_client_connect(&(struct ha_client_options){ .wait = 0 },
				  &client);

	ha_client_close(client);
	if (r < 0) {
		(void)fprintf(stderr, "hacd does not answer on this host, so "
			      "the report has no status and no events\n");
		write_file(c, "hacd-does-not-answer", ha_err_text(r),
			   strlen(ha_err_text(r)));
		return;
	}
	add_answer(c, HA_REQUEST_STATUS);
	add_answer(c, HA_REQUEST_EVENTS);
	add_answer(c, HA_REQUEST_FENCE_HISTORY);
	add_answer(c, HA_REQUEST_CONFIG_HISTORY);
	add_answer(c, HA_REQUEST_CONFIG_SHOW);
	add_record(c);
}

static int pack(const struct hactl *h, const char *parent, const char *base,
		const char *file)
{
	const char *const argv[] = { "tar", "-czf", file, "-C", parent, base,
				     NULL };
	struct ha_buf err = { .data = NULL };
	mode_t mask = umask(077); /* events tell much, if no secrets */
	int r = hactl_run(argv, TOOL_S, NULL, &err);

	(void)umask(mask);
	if (r != 0) {
		r = hactl_fail(h, HACTL_FAILED, "%s cannot be written: %s",
			       file, err.data != NULL ? err.data :
			       "tar failed");
	}
	ha_buf_fini(&err);
	return r;
}

static void name_report(char *ret, size_t size)
{
	char host[65] = "host", when[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	(void)gethostname(host, sizeof(host) - 1);
	host[strcspn(host, "./")] = '\0';
	if (gmtime_r(&now, &tm) != NULL) {
		(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	}
	(void)snprintf(ret, size, "hac-report-%s-%s", host, when);
}

static int run_report(struct hactl *h)
{
	struct collecting c = { .h = h, .dir = -1 };
	char parent[] = "/tmp/hac-report.XXXXXX";
	char base[160], path[256], file[200];
	bool json = h->json;
	int r;

	name_report(base, sizeof(base));
	(void)snprintf(file, sizeof(file), "%s.tar.gz", base);
	if (mkdtemp(parent) == NULL) {
		return hactl_fail(h, HACTL_FAILED, "no folder in /tmp: %s",
				  strerror(errno));
	}
	(void)snprintf(path, sizeof(path), "%s/%s", parent, base);
	if (mkdir(path, 0700) == 0) {
		c.dir = hactl_folder_open(path);
	}
	if (c.dir < 0) {
		r = hactl_fail(h, HACTL_FAILED, "%s: %s", path,
			       strerror(errno));
	} else {
		h->json = false; /* what fails goes to stderr only */
		collect_from_hacd(&c);
		collect(&c);
		h->json = json;
		(void)close(c.dir);
		r = pack(h, parent, base,
			 h->arg_count > 0 ? h->args[0] : file);
	}
	hactl_folder_remove(parent);
	if (r == HACTL_OK) {
		hactl_say_done(h, h->arg_count > 0 ? h->args[0] : file);
	}
	return r;
}

const struct hactl_verb hactl_report_verb = {
	.noun = "report", .args = "[FILE]",
	.help = "collect what someone who helps needs to see",
	.more = "Writes a tar file with status, events, configuration, logs, "
		"flight record and versions of this host; without FILE it gets a name with "
		"host and time, in the current folder. Passwords and keys are "
		"left out or masked, but names, addresses and what happened "
		"are in it. Run it on every host.",
	.run = run_report,
};
