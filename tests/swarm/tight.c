/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/swarm/tight.h"

#include <stdbool.h>

#include "base/ids.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define OVERHEAD_MIB 64u
#define OVERCOMMIT 4u /* vcpus of a cpu */

uint32_t tight_below(struct tight *t, uint32_t n)
{
	return (uint32_t)ha_rand_below(&t->rand, n);
}

static bool once_in(struct tight *t, uint32_t n)
{
	return tight_below(t, n) == 0;
}

/* Two failures need five hosts, or there is no quorum. */
static void draw_hosts(struct tight *t)
{
	static const uint32_t gib[] = { 4, 8, 12, 16, 24, 32 };
	bool alike = once_in(t, 2);

	t->failures = once_in(t, 2) ? 2 : 1;
	t->hosts = t->failures == 2 ? 5 + tight_below(t, 4)
				    : 3 + tight_below(t, 5);
	for (uint32_t i = 0; i < t->hosts; i++) {
		uint32_t size = gib[tight_below(t, ARRAY_SIZE(gib))];

		t->memory_mib[i] = size << 10;
		t->cpus[i] = 2 + tight_below(t, 7);
		if (alike && i > 0) {
			t->memory_mib[i] = t->memory_mib[0];
			t->cpus[i] = t->cpus[0];
		}
	}
}

/* Of what is left when the largest have failed. */
static uint64_t memory_left(const struct tight *t)
{
	uint32_t most[2] = { 0, 0 };
	uint64_t all = 0;

	for (uint32_t i = 0; i < t->hosts; i++) {
		uint32_t m = t->memory_mib[i];

		all += m;
		if (m > most[0]) {
			most[1] = most[0];
			most[0] = m;
		} else if (m > most[1]) {
			most[1] = m;
		}
	}
	return all - most[0] - (t->failures == 2 ? most[1] : 0);
}

static uint32_t smallest_host(const struct tight *t)
{
	uint32_t least = UINT32_MAX;

	for (uint32_t i = 0; i < t->hosts; i++) {
		least = t->memory_mib[i] < least ? t->memory_mib[i] : least;
	}
	return least;
}

static void draw_vms(struct tight *t)
{
	static const uint32_t mib[] = { 192, 448, 448, 960, 960, 1472, 1984,
					1984, 3008, 4032 };
	uint32_t most = smallest_host(t) * 3 / 4; /* whatever it needs there */
	uint64_t load = memory_left(t) * (70 + tight_below(t, 40)) / 100;
	uint64_t sum = 0;

	t->vms = 0;
	while (t->vms < TIGHT_VMS_MAX) {
		uint32_t size = mib[tight_below(t, ARRAY_SIZE(mib))];

		size = size < most ? size : most;
		if (sum + size + OVERHEAD_MIB > load) {
			break;
		}
		sum += size + OVERHEAD_MIB;
		t->vm_mib[t->vms] = size;
		t->vcpus[t->vms++] = 1 + tight_below(t, once_in(t, 4) ? 6 : 2);
	}
}

/* " hosts=\"h1 h3\"": at least so many. */
static void print_some_hosts(struct tight *t, const char *name, uint32_t least,
			     struct ha_buf *out)
{
	ha_hostset some = 0;

	least = least < t->hosts ? least : t->hosts;
	while (ha_hostset_count(some) < least) {
		some |= ha_host_bit(1 + tight_below(t, t->hosts));
	}
	ha_buf_printf(out, " %s=\"", name);
	for (const char *sep = ""; some; sep = " ") {
		ha_buf_printf(out, "%sh%u", sep, ha_hostset_pop(&some));
	}
	ha_buf_puts(out, "\"");
}

static void print_hosts(struct tight *t, struct ha_buf *out)
{
	bool spare = once_in(t, 6);

	ha_buf_puts(out, "  <fence-devices><device name=\"bmc\" "
		    "agent=\"fence_ipmilan\" timeout=\"20s\" power-on=\"no\"/>"
		    "</fence-devices>\n  <hosts>\n");
	for (uint32_t i = 0; i < t->hosts; i++) {
		ha_buf_printf(out, "    <host name=\"h%u\" id=\"%u\" "
			      "memory=\"%uMiB\" cpus=\"%u\"%s><fence><level>"
			      "<device ref=\"bmc\"/></level></fence></host>\n",
			      i + 1, i + 1, t->memory_mib[i], t->cpus[i],
			      spare && i == 0 ? " failover=\"yes\"" : "");
	}
	ha_buf_puts(out, "  </hosts>\n");
}

static void print_racks(struct tight *t, struct ha_buf *out)
{
	uint32_t size = 1 + tight_below(t, 3);

	ha_buf_puts(out, "  <host-groups>\n");
	for (uint32_t i = 0; i < t->hosts; i += size) {
		ha_buf_printf(out, "    <host-group name=\"rack%u\" "
			      "fault-domain=\"yes\" hosts=\"", i / size);
		for (uint32_t k = i; k < i + size && k < t->hosts; k++) {
			ha_buf_printf(out, "%sh%u", k > i ? " " : "", k + 1);
		}
		ha_buf_puts(out, "\"/>\n");
	}
	ha_buf_puts(out, "  </host-groups>\n");
}

/* Where not every host has everything; each may be where failures leave it. */
static void print_places(struct tight *t, struct ha_buf *out)
{
	uint32_t least = t->failures + 1 + tight_below(t, 2);

	ha_buf_puts(out, "  <datastores>\n    <datastore name=\"san\" "
		    "path=\"/srv/san\"");
	print_some_hosts(t, "hosts", least, out);
	ha_buf_printf(out, " starts=\"%u\"/>\n  </datastores>\n  <networks>\n"
		      "    <network name=\"dmz\" bridge=\"dmz\"",
		      1 + tight_below(t, 4));
	print_some_hosts(t, "hosts", least, out);
	ha_buf_puts(out, "/>\n  </networks>\n");
}

static void print_devices(struct tight *t, uint32_t i, struct ha_buf *out)
{
	uint32_t kind = tight_below(t, 6); /* no host may have both */

	ha_buf_puts(out, "<devices>");
	if (kind == 0) {
		ha_buf_printf(out, "<disk type=\"file\" device=\"disk\">"
			      "<source file=\"/srv/san/v%u\"/>"
			      "<target dev=\"vda\"/></disk>", i + 1);
	}
	if (kind == 1) {
		ha_buf_printf(out, "<interface type=\"bridge\"><mac address="
			      "\"52:54:00:00:00:%02x\"/><source bridge="
			      "\"dmz\"/></interface>", i + 1);
	}
	ha_buf_puts(out, "</devices>");
}

static void print_vms(struct tight *t, struct ha_buf *out)
{
	static const char *const tiers[] = { "highest", "high", "medium",
					     "medium", "low", "lowest" };

	ha_buf_puts(out, "  <vms>\n");
	for (uint32_t i = 0; i < t->vms; i++) {
		const char *tier = tiers[tight_below(t, ARRAY_SIZE(tiers))];
		bool disabled = once_in(t, 24);
		bool stopped = once_in(t, 24);

		ha_buf_printf(out, "    <vm name=\"v%u\" restart-priority="
			      "\"%s\"%s%s><domain type=\"kvm\"><name>v%u</name>"
			      "<uuid>10000000-0000-4000-8000-%012x</uuid>"
			      "<memory unit=\"MiB\">%u</memory><vcpu>%u</vcpu>"
			      "<os><type>hvm</type></os>", i + 1,
			      disabled ? "disabled" : tier,
			      stopped ? " wanted=\"stopped\"" : "",
			      once_in(t, 4)
				? " memory-reservation=\"128MiB\"" : "",
			      i + 1, i + 1, t->vm_mib[i], t->vcpus[i]);
		print_devices(t, i, out);
		ha_buf_puts(out, "</domain></vm>\n");
	}
	ha_buf_puts(out, "  </vms>\n");
}

/* The VMs of rules follow one another, and none is in two, so that few
 * contradict. */
static uint32_t print_rule(struct tight *t, uint32_t number, uint32_t from,
			   struct ha_buf *out)
{
	static const char *const kinds[] = {
		" keep=\"apart\"", " keep=\"together\"", " keep=\"spread\"",
		" keep=\"apart\" most=\"2\"",
	};
	uint32_t kind = tight_below(t, 6);
	uint32_t count = 2 + tight_below(t, kind == 3 ? 4 : 2);

	if (from + count > t->vms) {
		return count;
	}
	ha_buf_printf(out, "    <vm-%s name=\"r%u\" strength=\"%s\"",
		      kind < 4 ? "vm" : "host", number,
		      once_in(t, 2) ? "must" : "should");
	if (kind < 4) {
		ha_buf_puts(out, kinds[kind]);
	} else if (kind == 4) {
		print_some_hosts(t, "run-on", 3, out);
	} else {
		print_some_hosts(t, "keep-off", 1, out);
	}
	ha_buf_puts(out, " vms=\"");
	for (uint32_t i = 0; i < count; i++) {
		ha_buf_printf(out, "%sv%u", i > 0 ? " " : "", from + i + 1);
	}
	ha_buf_puts(out, "\"/>\n");
	return count;
}

static void print_rules(struct tight *t, struct ha_buf *out)
{
	uint32_t count = tight_below(t, 6);
	uint32_t vm = 0;

	ha_buf_puts(out, "  <rules>\n");
	for (uint32_t i = 0; i < count; i++) {
		vm += print_rule(t, i, vm, out) + tight_below(t, 3);
	}
	ha_buf_puts(out, "  </rules>\n");
}

void tight_draw(struct tight *t, uint64_t seed, bool rules, struct ha_buf *out)
{
	uint32_t starts, reserve_mib;

	*t = (struct tight){ .rand = { .state = seed * 2 + 1 } };
	draw_hosts(t);
	draw_vms(t);
	starts = 1 + tight_below(t, 4);
	reserve_mib = once_in(t, 2) ? 0 : 256;
	ha_buf_printf(out, "<cluster name=\"tight\">\n  <defaults "
		      "starts-per-host=\"%u\" cpu-overcommit=\"%u%%\" "
		      "placement=\"%s\" start-timeout=\"60s\" "
		      "memory-reserve=\"%uMiB\"/>\n  <admission "
		      "policy=\"plan\" failures=\"%u\"/>\n",
		      starts, OVERCOMMIT * 100,
		      once_in(t, 3) ? "pack" : "spread", reserve_mib,
		      t->failures);
	print_hosts(t, out);
	if (once_in(t, 3)) {
		print_racks(t, out);
	}
	print_places(t, out);
	print_vms(t, out);
	if (rules) {
		print_rules(t, out);
	}
	ha_buf_puts(out, "</cluster>\n");
}
