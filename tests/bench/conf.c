/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long is a cluster.xml of 1000 and of 10 000 VMs read and checked, without
 * rules and with 1000 of them? Prints the median of five, and its ratio to
 * "xmllint --noout" of the same file in the same run (which only parses, and
 * starts a process to do so).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"

#define RUNS 5
#define GROUPS 500u /* of VMs, each under two rules */

/* What VMs are in, and rules about it: racks, tiers that wait for each other,
 * and in each group no more than two VMs on one host. */
static void print_rules(FILE *f)
{
	fputs("  <host-groups>\n", f);
	for (unsigned i = 0; i < 8; i++) {
		fprintf(f, "    <host-group name=\"rack%u\" fault-domain=\"yes\" "
			"hosts=\"", i);
		for (unsigned h = i * 8 + 1; h <= i * 8 + 8; h++) {
			fprintf(f, "h%u ", h);
		}
		fputs("\"/>\n", f);
	}
	fputs("  </host-groups>\n  <datastores>\n"
	      "    <datastore name=\"nfs\" path=\"/srv/vm\" starts=\"20\"/>\n"
	      "  </datastores>\n  <networks>\n"
	      "    <network name=\"lan\" bridge=\"br0\"/>\n  </networks>\n"
	      "  <vm-groups>\n", f);
	for (unsigned i = 0; i < GROUPS; i++) {
		fprintf(f, "    <vm-group name=\"g%u\"/>\n", i);
	}
	fputs("  </vm-groups>\n  <rules>\n", f);
	for (unsigned i = 0; i < GROUPS; i++) {
		fprintf(f, "    <vm-vm name=\"apart%u\" vms=\"g%u\" "
			"strength=\"must\" keep=\"apart\" most=\"2\"/>\n", i, i);
		if (i % 2 == 0) {
			fprintf(f, "    <vm-host name=\"near%u\" vms=\"g%u\" "
				"strength=\"must\" run-on=\"rack%u rack%u\"/>\n",
				i, i, i % 8, (i + 1) % 8);
		} else {
			fprintf(f, "    <dependency name=\"tier%u\" vms=\"g%u\" "
				"after=\"g%u\"/>\n", i, i, i - 1);
		}
	}
	fputs("  </rules>\n", f);
}

static void print_vm(FILE *f, unsigned i, bool rules)
{
	static const char *const priorities[] = { "high", "medium", "low" };

	fprintf(f, "    <vm name=\"vm%u\" restart-priority=\"%s\"", i,
		priorities[i % 3]);
	if (rules) {
		fprintf(f, " groups=\"g%u\"", i % GROUPS);
	}
	fprintf(f, ">\n"
		"      <domain type=\"kvm\">\n        <name>vm%u</name>\n"
		"        <uuid>%08x-0000-4000-8000-000000000001</uuid>\n"
		"        <memory unit=\"MiB\">1024</memory>\n"
		"        <vcpu placement=\"static\">2</vcpu>\n",
		i, i * 2654435761u);
	fputs("        <os><type arch=\"x86_64\" machine=\"q35\">hvm</type>"
	      "<boot dev=\"hd\"/></os>\n"
	      "        <features><acpi/><apic/></features>\n"
	      "        <cpu mode=\"host-model\" check=\"partial\"/>\n"
	      "        <clock offset=\"utc\"><timer name=\"rtc\" tickpolicy="
	      "\"catchup\"/><timer name=\"hpet\" present=\"no\"/></clock>\n"
	      "        <devices>\n", f);
	for (unsigned d = 0; d < 2; d++) {
		fprintf(f, "          <disk type=\"file\" device=\"disk\">"
			"<driver name=\"qemu\" type=\"qcow2\"/><source file="
			"\"/srv/vm/vm%u-%u.qcow2\"/><target dev=\"vd%c\" bus="
			"\"virtio\"/></disk>\n", i, d, (char)('a' + d));
	}
	fprintf(f, "          <interface type=\"bridge\"><mac address="
		"\"52:54:00:%02x:%02x:%02x\"/><source bridge=\"br0\"/><model "
		"type=\"virtio\"/></interface>\n", i >> 16 & 255u,
		i >> 8 & 255u, i & 255u);
	fputs("          <console type=\"pty\"><target type=\"serial\" port="
	      "\"0\"/></console>\n          <graphics type=\"vnc\" port=\"-1\" "
	      "autoport=\"yes\"><listen type=\"address\" address=\"127.0.0.1\""
	      "/></graphics>\n          <rng model=\"virtio\"><backend model="
	      "\"random\">/dev/urandom</backend></rng>\n        </devices>\n"
	      "      </domain>\n    </vm>\n", f);
}

static int write_config(const char *path, unsigned vms, bool rules)
{
	FILE *f = fopen(path, "we");

	if (!f) {
		return -1;
	}
	fputs("<cluster name=\"big\">\n  <hosts>\n", f);
	for (unsigned i = 1; i <= 64; i++) {
		fprintf(f, "    <host name=\"h%u\" id=\"%u\"/>\n", i, i);
	}
	fputs("  </hosts>\n  <vms>\n", f);
	for (unsigned i = 0; i < vms; i++) {
		print_vm(f, i, rules);
	}
	fputs("  </vms>\n", f);
	if (rules) {
		print_rules(f);
	}
	fputs("</cluster>\n", f);
	return fclose(f);
}

static int compare_times(const void *a, const void *b)
{
	ha_dur x = *(const ha_dur *)a, y = *(const ha_dur *)b;

	return x < y ? -1 : x > y;
}

static ha_dur time_parse(const char *path)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct ha_config *c = NULL;
	ha_time start = ha_time_now();
	int err = ha_conf_read_file(path, &errors, &text, &c);
	ha_dur took = ha_time_now() - start;

	ha_conf_free(c);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
	return err ? -1 : took;
}

static ha_dur time_xmllint(const char *path)
{
	char command[256];
	ha_time start = ha_time_now();

	snprintf(command, sizeof(command), "xmllint --noout %s", path);
	return system(command) == 0 ? ha_time_now() - start : -1;
}

static int measure(unsigned vms, bool rules)
{
	char path[] = "/tmp/hac-bench-conf-XXXXXX";
	ha_dur ours[RUNS], theirs[RUNS];
	int fd = mkstemp(path);

	if (fd < 0 || close(fd) != 0 || write_config(path, vms, rules) != 0) {
		perror(path);
		return 1;
	}
	for (int i = 0; i < RUNS; i++) {
		ours[i] = time_parse(path);
		theirs[i] = time_xmllint(path);
	}
	unlink(path);
	qsort(ours, RUNS, sizeof(*ours), compare_times);
	qsort(theirs, RUNS, sizeof(*theirs), compare_times);
	printf("%5u VMs%s: read and checked in %.0f ms, xmllint --noout %.0f "
	       "ms, ratio %.1f\n", vms, rules ? ", 1000 rules" : "",
	       (double)ours[RUNS / 2] / 1000, (double)theirs[RUNS / 2] / 1000,
	       (double)ours[RUNS / 2] / (double)theirs[RUNS / 2]);
	return ours[0] < 0 || theirs[0] < 0;
}

int main(void)
{
	return measure(1000, false) | measure(10000, false) |
	       measure(10000, true);
}
