/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/hacsim/cib.h"

#include <inttypes.h>
#include <stdio.h>

#define TRANSITION "00000000-0000-4000-8000-000000000001"

static void print_pair(struct ha_buf *out, const char *id, const char *name,
		       uint64_t value)
{
	ha_buf_printf(out,
		      "<nvpair id=\"%s-%s\" name=\"%s\" value=\"%" PRIu64
		      "\"/>", id, name, name, value);
}

static void print_text_pair(struct ha_buf *out, const char *name,
			    const char *value)
{
	ha_buf_printf(out, "<nvpair id=\"o-%s\" name=\"%s\" value=\"%s\"/>",
		      name, name, value);
}

static void print_host(struct ha_buf *out, const struct ha_pool_host *h)
{
	char id[32];

	snprintf(id, sizeof(id), "h%" PRIu32 "-u", h->id);
	ha_buf_printf(out, "<node id=\"%" PRIu32 "\" uname=\"h%" PRIu32 "\">"
		      "<utilization id=\"%s\">", h->id, h->id, id);
	print_pair(out, id, "memory", h->memory_kib / 1024);
	print_pair(out, id, "cpu", h->vcpus);
	ha_buf_puts(out, "</utilization></node>\n");
}

static void print_vm(struct ha_buf *out, const struct ha_pool_vm *v,
		     size_t index)
{
	char id[32];

	ha_buf_printf(out, "<primitive id=\"v%zu\" class=\"ocf\" "
		      "provider=\"heartbeat\" type=\"Dummy\">"
		      "<meta_attributes id=\"v%zu-m\">", index, index);
	snprintf(id, sizeof(id), "v%zu-m", index);
	print_pair(out, id, "priority",
		   (uint64_t)(HA_PRIORITY_DISABLED - v->priority));
	ha_buf_puts(out, "</meta_attributes>");
	snprintf(id, sizeof(id), "v%zu-u", index);
	ha_buf_printf(out, "<utilization id=\"%s\">", id);
	print_pair(out, id, "memory", (v->memory_kib + 1023) / 1024);
	print_pair(out, id, "cpu", v->vcpus);
	ha_buf_puts(out, "</utilization></primitive>\n");
}

static void print_status(struct ha_buf *out, const struct ha_pool *pool,
			 const struct ha_pool_host *h, ha_hostid failed)
{
	const char *in = h->id == failed ? "false" : "true";
	const char *on = h->id == failed ? "offline" : "online";

	ha_buf_printf(out, "<node_state id=\"%" PRIu32 "\" uname=\"h%" PRIu32
		      "\" in_ccm=\"%s\" crmd=\"%s\" join=\"%s\" "
		      "expected=\"%s\"><lrm id=\"%" PRIu32 "\">"
		      "<lrm_resources>\n", h->id, h->id, in, on,
		      h->id == failed ? "down" : "member",
		      h->id == failed ? "down" : "member", h->id);
	for (size_t i = 0; i < pool->vm_count; i++) {
		if (pool->vms[i].host != h->id || h->id == failed) {
			continue;
		}
		ha_buf_printf(out, "<lrm_resource id=\"v%zu\" type=\"Dummy\" "
			      "class=\"ocf\" provider=\"heartbeat\">"
			      "<lrm_rsc_op id=\"v%zu_last_0\" operation_key="
			      "\"v%zu_start_0\" operation=\"start\" "
			      "transition-key=\"1:1:0:" TRANSITION "\" "
			      "transition-magic=\"0:0;1:1:0:" TRANSITION "\" "
			      "call-id=\"1\" rc-code=\"0\" op-status=\"0\" "
			      "interval=\"0\"/></lrm_resource>\n", i, i, i);
	}
	ha_buf_puts(out, "</lrm_resources></lrm></node_state>\n");
}

void cib_print(const struct ha_pool *pool, ha_hostid failed,
	       struct ha_buf *out)
{
	ha_buf_puts(out, "<cib validate-with=\"pacemaker-3.8\" epoch=\"1\" "
		    "num_updates=\"0\" admin_epoch=\"0\" "
		    "have-quorum=\"1\">\n<configuration><crm_config>"
		    "<cluster_property_set id=\"o\">");
	print_text_pair(out, "stonith-enabled", "false");
	print_text_pair(out, "placement-strategy", "balanced");
	print_text_pair(out, "enable-startup-probes", "false");
	ha_buf_puts(out, "</cluster_property_set></crm_config>\n<nodes>\n");
	for (size_t i = 0; i < pool->host_count; i++) {
		print_host(out, &pool->hosts[i]);
	}
	ha_buf_puts(out, "</nodes>\n<resources>\n");
	for (size_t i = 0; i < pool->vm_count; i++) {
		print_vm(out, &pool->vms[i], i);
	}
	ha_buf_puts(out, "</resources><constraints/><rsc_defaults>"
		    "<meta_attributes id=\"d\">");
	print_text_pair(out, "resource-stickiness", "1000");
	ha_buf_puts(out, "</meta_attributes></rsc_defaults>"
		    "</configuration>\n<status>\n");
	for (size_t i = 0; i < pool->host_count; i++) {
		print_status(out, pool, &pool->hosts[i], failed);
	}
	ha_buf_puts(out, "</status></cib>\n");
}
