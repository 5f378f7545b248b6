/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/hacsim/cib.h"

#include <inttypes.h>
#include <stdio.h>

static void print_pair(FILE *f, const char *id, const char *name,
		       uint64_t value)
{
	fprintf(f, "<nvpair id=\"%s-%s\" name=\"%s\" value=\"%" PRIu64 "\"/>",
		id, name, name, value);
}

static void print_host(FILE *f, const struct ha_pool_host *h)
{
	char id[32];

	snprintf(id, sizeof(id), "h%" PRIu32 "-u", h->id);
	fprintf(f, "<node id=\"%" PRIu32 "\" uname=\"h%" PRIu32 "\">"
		"<utilization id=\"%s\">", h->id, h->id, id);
	print_pair(f, id, "memory", h->memory_kib / 1024);
	print_pair(f, id, "cpu", h->vcpus);
	fputs("</utilization></node>\n", f);
}

static void print_vm(FILE *f, const struct ha_pool_vm *v, size_t index)
{
	char id[32];

	fprintf(f, "<primitive id=\"v%zu\" class=\"ocf\" provider=\"heartbeat\""
		" type=\"Dummy\"><meta_attributes id=\"v%zu-m\">", index, index);
	snprintf(id, sizeof(id), "v%zu-m", index);
	print_pair(f, id, "priority",
		   (uint64_t)(HA_PRIORITY_DISABLED - v->priority));
	fputs("</meta_attributes>", f);
	snprintf(id, sizeof(id), "v%zu-u", index);
	fprintf(f, "<utilization id=\"%s\">", id);
	print_pair(f, id, "memory", (v->memory_kib + 1023) / 1024);
	print_pair(f, id, "cpu", v->vcpus);
	fputs("</utilization></primitive>\n", f);
}

static void print_status(FILE *f, const struct ha_pool *pool,
			 const struct ha_pool_host *h, ha_hostid failed)
{
	const char *in = h->id == failed ? "false" : "true";
	const char *on = h->id == failed ? "offline" : "online";

	fprintf(f, "<node_state id=\"%" PRIu32 "\" uname=\"h%" PRIu32 "\" "
		"in_ccm=\"%s\" crmd=\"%s\" join=\"%s\" expected=\"%s\">"
		"<lrm id=\"%" PRIu32 "\"><lrm_resources>\n", h->id, h->id, in,
		on, h->id == failed ? "down" : "member",
		h->id == failed ? "down" : "member", h->id);
	for (size_t i = 0; i < pool->vm_count; i++) {
		if (pool->vms[i].host != h->id || h->id == failed) {
			continue;
		}
		fprintf(f, "<lrm_resource id=\"v%zu\" type=\"Dummy\" "
			"class=\"ocf\" provider=\"heartbeat\"><lrm_rsc_op "
			"id=\"v%zu_last_0\" operation_key=\"v%zu_start_0\" "
			"operation=\"start\" transition-key="
			"\"1:1:0:00000000-0000-4000-8000-000000000001\" "
			"transition-magic=\"0:0;1:1:0:"
			"00000000-0000-4000-8000-000000000001\" call-id=\"1\" "
			"rc-code=\"0\" op-status=\"0\" interval=\"0\"/>"
			"</lrm_resource>\n", i, i, i);
	}
	fputs("</lrm_resources></lrm></node_state>\n", f);
}

int cib_write(const char *path, const struct ha_pool *pool, ha_hostid failed)
{
	FILE *f = fopen(path, "we");

	if (!f) {
		return -1;
	}
	fputs("<cib validate-with=\"pacemaker-3.8\" epoch=\"1\" "
	      "num_updates=\"0\" admin_epoch=\"0\" have-quorum=\"1\">\n"
	      "<configuration><crm_config><cluster_property_set id=\"o\">", f);
	fputs("<nvpair id=\"o-1\" name=\"stonith-enabled\" value=\"false\"/>"
	      "<nvpair id=\"o-2\" name=\"placement-strategy\" "
	      "value=\"balanced\"/>"
	      "<nvpair id=\"o-3\" name=\"enable-startup-probes\" "
	      "value=\"false\"/></cluster_property_set></crm_config>\n"
	      "<nodes>\n", f);
	for (size_t i = 0; i < pool->host_count; i++) {
		print_host(f, &pool->hosts[i]);
	}
	fputs("</nodes>\n<resources>\n", f);
	for (size_t i = 0; i < pool->vm_count; i++) {
		print_vm(f, &pool->vms[i], i);
	}
	fputs("</resources><constraints/><rsc_defaults><meta_attributes "
	      "id=\"d\"><nvpair id=\"d-1\" name=\"resource-stickiness\" "
	      "value=\"1000\"/></meta_attributes></rsc_defaults>"
	      "</configuration>\n<status>\n", f);
	for (size_t i = 0; i < pool->host_count; i++) {
		print_status(f, pool, &pool->hosts[i], failed);
	}
	fputs("</status></cib>\n", f);
	return fclose(f);
}
