/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/plan_config.h"

#define STORES 2
#define BRIDGES 2
#define SPARE_MAX 2
#define ODDS 4 /* what is rare */

bool sim_plan_has(const struct sim_plan_config *c, enum sim_plan_part part)
{
	return c->parts >> part & 1;
}

bool sim_plan_restricts(const struct sim_plan_config *c)
{
	return sim_plan_has(c, PLAN_GROUPS) ||
	       sim_plan_has(c, PLAN_DATASTORES) ||
	       sim_plan_has(c, PLAN_NETWORKS) ||
	       sim_plan_has(c, PLAN_SPARE_HOSTS);
}

struct ha_rand sim_plan_stream(const struct sim_plan_config *c,
			       enum sim_plan_part what, uint32_t number)
{
	return (struct ha_rand){
		.state = c->plan->seed * 61 + 77773u * c->variant +
			 1000003u * (what + 1) + 15485863u * (number + 1),
	};
}

static uint32_t below(struct ha_rand *r, uint32_t n)
{
	return (uint32_t)ha_rand_below(r, n);
}

void sim_plan_hosts(ha_hostset hosts, struct ha_buf *out)
{
	const char *between = "";

	while (hosts) {
		ha_buf_printf(out, "%sh%u", between, ha_hostset_pop(&hosts));
		between = " ";
	}
}

uint32_t sim_plan_host_group(struct sim_plan_config *c, ha_hostset hosts)
{
	ha_buf_printf(&c->host_groups, "    <host-group name=\"hg%u\" hosts=\"",
		      c->host_group_count);
	sim_plan_hosts(hosts, &c->host_groups);
	ha_buf_puts(&c->host_groups, "\"/>\n");
	return c->host_group_count++;
}

/* These and others. */
static ha_hostset with_some(const struct sim_plan_config *c, ha_hostset hosts,
			    struct ha_rand *r)
{
	for (ha_hostset set = c->plan->hosts & ~hosts; set;) {
		ha_hostid h = ha_hostset_pop(&set);

		hosts |= below(r, 3) == 0 ? ha_host_bit(h) : 0;
	}
	return hosts;
}

static void choose_hosts(struct sim_plan_config *c)
{
	uint64_t least = UINT64_MAX;
	ha_hostid first = HA_HOST_NONE;

	for (ha_hostset set = c->plan->hosts; set;) {
		ha_hostid h = ha_hostset_pop(&set);
		struct ha_rand r = sim_plan_stream(c, PLAN_RULE, h);
		uint64_t drawn = ha_rand_u64(&r);

		c->common |= below(&r, 2) == 0 ? ha_host_bit(h) : 0;
		if (drawn < least) {
			least = drawn;
			first = h;
		}
	}
	c->common |= ha_host_bit(first);
	if (!sim_plan_restricts(c)) {
		c->common = c->plan->hosts;
	} else if (sim_plan_has(c, PLAN_SPARE_HOSTS)) {
		ha_hostset rest = c->plan->hosts & ~c->common;

		for (int i = 0; rest && i < SPARE_MAX; i++) {
			c->spare |= ha_host_bit(ha_hostset_pop(&rest));
		}
	}
}

void sim_plan_choose(struct sim_plan_config *c)
{
	struct ha_rand r = sim_plan_stream(c, PLAN_PART_END, 0);

	if (c->plan->varied) {
		c->parts = ha_rand_u64(&r) & ((1u << PLAN_RULE) - 1) &
			   ~c->plan->without;
	}
	choose_hosts(c);
}

/* --- of the cluster --- */

void sim_plan_defaults(const struct sim_plan_config *c, struct ha_buf *out)
{
	struct ha_rand r = sim_plan_stream(c, PLAN_SHARES, 0);

	if (sim_plan_has(c, PLAN_PACING)) {
		ha_buf_printf(out, " starts-per-datastore=\"%u\"",
			      1 + below(&r, 3));
	}
	if (sim_plan_has(c, PLAN_SHARES)) {
		ha_buf_printf(out, " memory-overcommit=\"%u%%\"",
			      100 + below(&r, 100));
		ha_buf_printf(out, " memory-reserve=\"%uMiB\"", below(&r, 512));
		ha_buf_printf(out, " cpu-reserve=\"%u\"", below(&r, 2));
		ha_buf_printf(out, " memory-overhead=\"%uMiB\"", below(&r, 65));
	}
}

static void print_slots(struct ha_rand *r, struct ha_buf *out)
{
	switch (below(r, 4)) {
	case 0:
		ha_buf_printf(out, " slot-memory=\"%uMiB\" slot-cpu=\"%uMHz\"",
			      256 + below(r, 2048), 100 + below(r, 1000));
		break;
	case 1:
		ha_buf_printf(out, " slot-memory-max=\"%uMiB\"",
			      256 + below(r, 2048));
		break;
	case 2:
		ha_buf_printf(out, " slot-memory-min=\"%uMiB\"",
			      below(r, 2048));
		break;
	default:
		break;
	}
}

static void print_policy(const struct sim_plan_config *c, uint32_t failures,
			 struct ha_rand *r, struct ha_buf *out)
{
	uint32_t spare = ha_hostset_count(c->spare);
	uint32_t kind = below(r, spare > 0 ? 6 : 3);

	if (kind >= 3) {
		ha_buf_printf(out, "failover-hosts\" failures=\"%u\"",
			      failures < spare ? failures : spare);
		return;
	}
	if (kind == 2 && below(r, 2) == 0) {
		ha_buf_printf(out, "percentage\" memory-percent=\"%u%%\"",
			      below(r, 101));
		ha_buf_printf(out, " cpu-percent=\"%u%%\"", below(r, 101));
		return;
	}
	ha_buf_printf(out, "%s\" failures=\"%u\"",
		      kind == 0	  ? "plan"
		      : kind == 1 ? "host-failures"
				  : "percentage", failures);
	if (kind == 1) {
		print_slots(r, out);
	}
}

void sim_plan_admission(const struct sim_plan_config *c, struct ha_buf *out)
{
	static const char *const modes[] = { "enforce", "enforce", "warn",
					     "off" };
	struct ha_rand r = sim_plan_stream(c, PLAN_ADMISSION, 0);
	uint32_t hosts = ha_hostset_count(c->plan->hosts);
	uint32_t failures = below(&r, 4);

	if (sim_plan_has(c, PLAN_ADMISSION)) {
		ha_buf_printf(out, "  <admission mode=\"%s\" policy=\"",
			      modes[below(&r, 4)]);
		print_policy(c, failures < hosts ? failures : hosts - 1, &r,
			     out);
		ha_buf_puts(out, "/>\n");
	}
}

/* --- of hosts --- */

/* Those that have all are large enough for all (draw.c). */
static void print_size(const struct sim_plan_config *c, ha_hostid h,
		       struct ha_buf *out)
{
	static const uint32_t large[] = { 32, 32, 40, 64 };
	static const uint32_t any[] = { 1, 4, 16, 32 };
	struct ha_rand r = sim_plan_stream(c, PLAN_SIZES, h);
	uint32_t gib = ha_host_in(c->common, h) ? large[below(&r, 4)]
						: any[below(&r, 4)];
	uint32_t cpus = 8u << below(&r, 2);

	if (!sim_plan_has(c, PLAN_SIZES)) {
		ha_buf_puts(out, " memory=\"32GiB\" cpus=\"8\"");
		return;
	}
	ha_buf_printf(out, " memory=\"%uGiB\" cpus=\"%u\"", gib, cpus);
	if (below(&r, 2) == 0) {
		ha_buf_printf(out, " cpu-frequency=\"%uGHz\"",
			      1 + below(&r, 3));
	}
}

void sim_plan_print_hosts(const struct sim_plan_config *c, struct ha_buf *out)
{
	ha_buf_puts(out, "  <hosts>\n");
	for (ha_hostset set = c->plan->hosts; set;) {
		ha_hostid h = ha_hostset_pop(&set);

		ha_buf_printf(out, "    <host name=\"h%u\" id=\"%u\"", h, h);
		print_size(c, h, out);
		ha_buf_printf(out, "%s><fence><level><device ref=\"bmc\"/>"
			      "</level></fence></host>\n",
			      ha_host_in(c->spare, h) ? " failover=\"yes\""
						      : "");
	}
	ha_buf_puts(out, "  </hosts>\n");
}

void sim_plan_groups(struct sim_plan_config *c, struct ha_buf *out)
{
	ha_buf_puts(out, "  <host-groups>\n");
	for (uint32_t i = 0; sim_plan_has(c, PLAN_RACKS) && i < PLAN_RACKS_MAX;
	     i++) {
		ha_hostset rack = sim_plan_rack(i) & c->plan->hosts;

		if (rack != 0) {
			ha_buf_printf(out, "    <host-group name=\"rack%u\" "
				      "fault-domain=\"yes\" hosts=\"", i);
			sim_plan_hosts(rack, out);
			ha_buf_puts(out, "\"/>\n");
		}
	}
	if (c->host_group_count > 0) {
		ha_buf_append(out, c->host_groups.data, c->host_groups.len);
	}
	ha_buf_puts(out, "  </host-groups>\n  <vm-groups>\n");
	for (uint32_t i = 0; i < c->vm_group_count; i++) {
		ha_buf_printf(out, "    <vm-group name=\"g%u\"/>\n", i);
	}
	ha_buf_puts(out, "  </vm-groups>\n");
}

/* Of every third host each; the last are no fault domain but themselves. */
ha_hostset sim_plan_rack(uint32_t rack)
{
	ha_hostset hosts = 0;

	for (uint32_t i = rack; i < PLAN_HOSTS_MAX; i += PLAN_RACKS_MAX + 1) {
		hosts |= ha_host_bit((ha_hostid)(i + 1));
	}
	return hosts;
}

static void print_stores(const struct sim_plan_config *c, struct ha_buf *out)
{
	ha_buf_puts(out, "  <datastores>\n");
	for (uint32_t i = 0; i < STORES; i++) {
		struct ha_rand r = sim_plan_stream(c, PLAN_DATASTORES, i);

		ha_buf_printf(out, "    <datastore name=\"ds%u\" "
			      "path=\"/srv/ds%u\"", i, i);
		if (sim_plan_has(c, PLAN_DATASTORES)) {
			ha_buf_puts(out, " hosts=\"");
			sim_plan_hosts(with_some(c, c->common, &r), out);
			ha_buf_puts(out, "\"");
		}
		if (sim_plan_has(c, PLAN_PACING) && below(&r, 2) == 0) {
			ha_buf_printf(out, " starts=\"%u\"", 1 + below(&r, 4));
		}
		ha_buf_puts(out, "/>\n");
	}
	ha_buf_puts(out, "  </datastores>\n");
}

void sim_plan_reach(const struct sim_plan_config *c, struct ha_buf *out)
{
	if (sim_plan_has(c, PLAN_DATASTORES) || sim_plan_has(c, PLAN_PACING)) {
		print_stores(c, out);
	}
	if (!sim_plan_has(c, PLAN_NETWORKS)) {
		return;
	}
	ha_buf_puts(out, "  <networks>\n");
	for (uint32_t i = 0; i < BRIDGES; i++) {
		struct ha_rand r = sim_plan_stream(c, PLAN_NETWORKS, i);

		ha_buf_printf(out, "    <network name=\"net%u\" "
			      "bridge=\"br%u\" hosts=\"", i, i);
		sim_plan_hosts(with_some(c, c->common, &r), out);
		ha_buf_puts(out, "\"/>\n");
	}
	ha_buf_puts(out, "  </networks>\n");
}

/* --- of VMs --- */

static void print_fail_back(struct ha_rand *r, struct ha_buf *out)
{
	static const char *const windows[] = {
		"00:00-24:00", "12:00-12:02", "12:01-12:03",
		"11:00-12:01 12:02-13:00",
	};

	switch (below(r, 3)) {
	case 0:
		ha_buf_printf(out, " fail-back=\"after\" "
			      "fail-back-after=\"%us\"", below(r, 40));
		break;
	case 1:
		ha_buf_printf(out, " fail-back=\"window\" "
			      "fail-back-window=\"%s\"", windows[below(r, 4)]);
		break;
	default:
		break;
	}
}

void sim_plan_vm(const struct sim_plan_config *c, uint32_t i,
		 struct ha_buf *out)
{
	struct ha_rand r = sim_plan_stream(c, PLAN_FAIL_BACK, i);
	const char *between = "";

	if (sim_plan_has(c, PLAN_FAIL_BACK)) {
		print_fail_back(&r, out);
	}
	if (sim_plan_has(c, PLAN_SIZES) && below(&r, ODDS) == 0) {
		ha_buf_printf(out, " memory-reservation=\"%uMiB\"",
			      below(&r, 1 + c->plan->vm_memory_mib / 4));
		ha_buf_printf(out, " cpu-reservation=\"%uMHz\"",
			      below(&r, 500));
	}
	if (c->vm_groups[i] == 0) {
		return;
	}
	ha_buf_puts(out, " groups=\"");
	for (uint32_t g = 0; g < c->vm_group_count; g++) {
		if (c->vm_groups[i] >> g & 1) {
			ha_buf_printf(out, "%sg%u", between, g);
			between = " ";
		}
	}
	ha_buf_puts(out, "\"");
}

/* Its disk and card stay what they are; what a variant says of the datastore
 * and the network changes. */
void sim_plan_domain(const struct sim_plan_config *c, uint32_t i,
		     struct ha_buf *out)
{
	struct ha_rand own = { .state = c->plan->seed * 67 + 1000003u * i };
	struct ha_rand r = sim_plan_stream(c, PLAN_SIZES, PLAN_HOSTS_MAX + i);
	uint32_t store = below(&own, 2 * STORES), bridge = below(&own, 6);
	uint32_t quarters = 1 + below(&own, 4), vcpus = 1 + below(&own, 3);
	bool sized = sim_plan_has(c, PLAN_SIZES);

	if (c->variant > 0 && below(&r, ODDS) == 0) {
		quarters = 1 + below(&r, 4);
	}
	ha_buf_printf(out, "\n        <memory unit=\"MiB\">%u</memory>"
		      "<vcpu>%u</vcpu><os><type>hvm</type></os>",
		      sized ? c->plan->vm_memory_mib * quarters / 4
			    : c->plan->vm_memory_mib,
		      sized ? vcpus : 1);
	if (!c->plan->varied || (store >= STORES && bridge >= BRIDGES)) {
		return;
	}
	ha_buf_puts(out, "\n        <devices>");
	if (store < STORES) {
		ha_buf_printf(out, "<disk type=\"file\" device=\"disk\">"
			      "<source file=\"/srv/ds%u/v%u.img\"/>"
			      "<target dev=\"vda\"/></disk>", store, i + 1);
	}
	if (bridge < BRIDGES) {
		ha_buf_printf(out, "<interface type=\"bridge\"><mac address="
			      "\"52:54:00:00:%02x:%02x\"/><source "
			      "bridge=\"br%u\"/></interface>", i >> 8, i & 255,
			      bridge);
	}
	ha_buf_puts(out, "</devices>");
}
