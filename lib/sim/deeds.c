/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can happen in a plan: faults, their end, and what admins do. None may
 * break what the promises rest on: of stores, no more than a minority is lost
 * unless the admin gives it up by name.
 */
#include "sim/draw.h"

static ha_hostset some(struct sim_draw *d, unsigned rare)
{
	ha_hostset set = d->plan->hosts;

	while (rare-- > 0) {
		set &= ha_rand_u64(&d->rand);
	}
	return set;
}

/* --- network --- */

static void partition(struct sim_draw *d)
{
	ha_hostset a = some(d, 1);
	ha_hostset b = d->plan->hosts & ~a;

	if (a != 0 && b != 0) {
		draw_line(d, "partition %s | %s%s", draw_names(a).text,
			  draw_names(b).text, draw_below(d, 6) == 0
						      ? " link 1"
						      : "");
	}
}

static void qdevice(struct sim_draw *d)
{
	ha_hostset set = some(d, 1);

	if (!d->plan->qdevice[0]) {
		return;
	}
	if (set == 0 || draw_below(d, 2) == 0) {
		draw_line(d, "qdevice %s",
			  draw_below(d, 2) == 0 ? "lost" : "back");
	} else {
		draw_line(d, "qdevice %s %s",
			  draw_below(d, 2) == 0 ? "lost" : "back",
			  draw_names(set).text);
	}
}

/* It still works, but badly. */
static void bad_link(struct sim_draw *d)
{
	uint32_t h = draw_host(d), link = draw_below(d, 2);

	if (draw_below(d, 2) == 0) {
		draw_line(d, "link h%u %u loss %u", h, link, draw_below(d, 60));
	} else {
		draw_line(d, "link h%u %u delay %uus", h, link,
			  draw_below(d, 50000));
	}
}

static void cut(struct sim_draw *d)
{
	uint32_t a = draw_host(d), b = draw_host(d);
	uint32_t link = draw_below(d, 2);

	if (a == b) {
		return;
	}
	if (draw_below(d, 3) == 0) {
		draw_line(d, "isolate h%u", a);
	} else if (draw_below(d, 3) == 0) {
		draw_line(d, "link h%u %u %s", a, link,
			  draw_below(d, 2) == 0 ? "up" : "down");
	} else {
		draw_line(d, "cut h%u h%u%s", a, b,
			  draw_below(d, 4) == 0 ? " link 0" : "");
	}
}

static void heal_net(struct sim_draw *d)
{
	draw_line(d, "heal");
}

/* --- machines --- */

static void kill_some(struct sim_draw *d)
{
	ha_hostset set = draw_below(d, 6) == 0 ? d->plan->hosts : some(d, 2);

	if (set != 0) {
		draw_line(d, "kill %s", draw_names(set).text);
	}
}

static void boot_some(struct sim_draw *d)
{
	ha_hostset set = some(d, 1) & ~d->lost;

	if (set != 0) {
		draw_line(d, "boot %s taking %ums", draw_names(set).text,
			  draw_below(d, 20000));
	}
}

static void stand_still(struct sim_draw *d)
{
	uint32_t h = draw_host(d);

	draw_line(d, "hang h%u for %ums", h, draw_below(d, 40000));
}

static void shutdown(struct sim_draw *d)
{
	uint32_t h = draw_host(d);

	draw_line(d, "%s h%u", draw_below(d, 2) == 0 ? "shutdown" : "reboot",
		  h);
}

static void reinstall(struct sim_draw *d)
{
	if (!d->reinstalled && d->plan->host_count >= 3) {
		d->reinstalled = true;
		draw_line(d, "reinstall h%u", draw_host(d));
	}
}

/* A majority is gone for good; the admin gives up what only they knew. They
 * come back, when everything heals, with empty disks. */
static void lose_some(struct sim_draw *d)
{
	ha_hostset lost = some(d, 1);
	ha_hostset rest = d->plan->hosts & ~lost;
	struct draw_names names = draw_names(rest);

	if (d->reinstalled || rest == 0 ||
	    ha_hostset_count(lost) <= ha_hostset_count(rest)) {
		return;
	}
	d->lost = lost;
	d->reinstalled = true;
	d->group = ++d->groups;
	draw_line(d, "reinstall %s", draw_names(lost).text);
	for (ha_hostset set = lost; set;) { /* nobody switches them on */
		draw_line(d, "bmc h%u dead", ha_hostset_pop(&set));
	}
	for (int i = 0; i < 5; i++) {
		draw_line(d, "heal %s", names.text);
		/* its hacd may have crashed so often that it does not lead */
		draw_line(d, "try on h%u hactl host unfreeze h%u",
			  ha_hostset_first(rest), ha_hostset_first(rest));
		d->now += HA_S(20);
		draw_line(d, "try on h%u hactl cluster start --accept-loss=%s",
			  ha_hostset_first(rest), draw_names(lost).text);
		d->now += HA_S(20);
	}
	draw_line(d, "expect quorate on h%u", ha_hostset_first(rest));
	d->group = 0;
}

/* --- programs, devices, guests --- */

static void crash(struct sim_draw *d)
{
	static const char *const programs[] = {
		"hacd", "hacd", "libvirt", "corosync", "hac-agent-vm",
		"hac-agent-fence", "hac-agent-disk",
	};
	uint32_t h = draw_host(d), what = draw_below(d, 7);
	uint32_t how = draw_below(d, 6);

	if (how == 0) {
		draw_line(d, "try restart %s h%u", programs[what], h);
	} else if (how == 1) { /* dead for a while */
		draw_line(d, "try crash %s h%u for %ums", programs[what % 4], h,
			  1 + draw_below(d, 60000));
	} else {
		draw_line(d, "try crash %s h%u", programs[what], h);
	}
}

/* In the middle of a step; all of them in one as the same is done, or h1, the
 * coordinator of most, more often than others. */
static void crash_in_step(struct sim_draw *d)
{
	static const char *const kinds[] = { "action", "send", "persist", "vm",
					     "fence", "answer" };
	uint32_t of = draw_below(d, 2) == 0 ? 0 : draw_below(d, 6);
	uint32_t left = 1 + draw_below(d, draw_below(d, 3) == 0 ? 40 : 4);
	uint32_t h = draw_below(d, 3) == 0 ? 1 : draw_host(d);
	bool all = draw_below(d, 16) == 0;

	d->group = all ? ++d->groups : 0;
	for (ha_hostset set = all ? d->plan->hosts : ha_host_bit(h); set;) {
		draw_line(d, "try crash hacd h%u after %s %u",
			  ha_hostset_pop(&set), kinds[of], left);
	}
	d->group = 0;
}

/* Also to an older hac than before, or one that leaves a version out. */
static void upgrade(struct sim_draw *d)
{
	ha_hostset set = draw_below(d, 4) == 0 ? d->plan->hosts : some(d, 2);
	uint32_t level = 1 + draw_below(d, 3);
	bool drops = level > 1 && draw_below(d, 4) == 0;

	if (set != 0 && d->upgrades) {
		draw_line(d, "upgrade %s level %u%s", draw_names(set).text,
			  level, drops ? " since 2" : "");
	}
}

static void libvirt(struct sim_draw *d)
{
	static const char *const modes[] = { "ok", "slow", "lying" };

	uint32_t h = draw_host(d);

	draw_line(d, "libvirt h%u %s", h, modes[draw_below(d, 3)]);
}

static void clock_jumps(struct sim_draw *d)
{
	uint32_t h = draw_host(d);

	draw_line(d, "clock h%u +%ums", h, draw_below(d, 20000));
}

static void hang(struct sim_draw *d)
{
	uint32_t h = draw_host(d), ms = draw_below(d, 30000);

	draw_line(d, "try hang %s h%u for %ums",
		  draw_below(d, 2) == 0 ? "hacd" : "libvirt", h, ms);
}

static void bmc(struct sim_draw *d)
{
	static const char *const modes[] = { "ok", "dead", "failing", "slow",
					     "shared", "wrong-password",
					     "lying", "lying" };
	uint32_t h = draw_host(d);

	if (!ha_host_in(d->lost, (ha_hostid)h)) {
		draw_line(d, "bmc h%u %s", h,
			  modes[draw_below(d, d->lies ? 8 : 6)]);
	}
}

static void disk(struct sim_draw *d)
{
	static const char *const modes[] = { "ok", "ok", "failing", "full",
					     "slow" };
	uint32_t h = draw_host(d);

	draw_line(d, "disk h%u %s", h, modes[draw_below(d, 5)]);
}

static void guest(struct sim_draw *d)
{
	static const char *const deeds[] = { "crash", "poweroff", "hang",
					     "pause", "reboot" };
	static const char *const breaks[] = { "start", "start", "stop",
					      "guest-agent", "app", "hacd",
					      "coordinator" };
	uint32_t v = draw_vm(d), h = draw_host(d);
	uint32_t times = 1 + draw_below(d, 3);

	if (draw_below(d, 3) == 0) {
		draw_line(d, "break vm v%u %s on h%u times %u", v,
			  breaks[draw_below(d, 7)], h, times);
	} else if (draw_below(d, 16) == 0) {
		draw_line(d, "break host h%u coordinator times %u", h, times);
	} else {
		draw_line(d, "try %s vm v%u", deeds[draw_below(d, 5)], v);
	}
}

/* --- admins --- */

/* Against admission control, too. */
static const char *draw_force(struct sim_draw *d)
{
	return draw_below(d, 4) == 0 ? " --force" : "";
}

static void of_vm(struct sim_draw *d)
{
	static const char *const verbs[] = { "start", "stop", "start", "stop",
					     "restart", "reset" };

	uint32_t at = draw_host(d), v = draw_vm(d), verb = draw_below(d, 6);
	const char *force = draw_force(d);

	if (draw_below(d, 4) == 0) {
		draw_line(d, "try on h%u hactl vm move v%u h%u%s", at, v,
			  draw_host(d), force);
	} else {
		draw_line(d, "try on h%u hactl vm %s v%u%s", at, verbs[verb], v,
			  verb % 2 == 0 && verb < 4 ? force : "");
	}
}

static void of_host(struct sim_draw *d)
{
	static const char *const verbs[] = {
		"host maintenance on", "host maintenance on",
		"host maintenance off", "host stay", "fence host",
		"host unfreeze",
	};
	uint32_t at = draw_host(d), h = draw_host(d);
	uint32_t verb = draw_below(d, 6);
	const char *force = draw_force(d);

	if (draw_below(d, 6) == 0) {
		draw_line(d, "try on h%u hactl fence confirm h%u "
			  "--yes-host-is-off=h%u", at, h, h);
		return;
	}
	draw_line(d, "try on h%u hactl %s h%u%s", at, verbs[verb], h,
		  verb < 3 ? force : "");
}

static void add_or_remove(struct sim_draw *d)
{
	uint32_t at = draw_host(d);
	uint32_t h = 1 + draw_below(d, d->plan->host_count + d->plan->spares);
	const char *force = draw_force(d);

	if (d->plan->spares == 0) {
		return;
	}
	if (draw_below(d, 2) == 0) {
		draw_line(d, "try on h%u hactl host add h%u", at, h);
	} else {
		draw_line(d, "try on h%u hactl host remove h%u%s", at, h,
			  force);
	}
}

static void of_cluster(struct sim_draw *d)
{
	static const char *const verbs[] = { "arm", "arm", "disarm",
					     "cluster start", "cluster start",
					     "cluster stop" };
	uint32_t at = draw_host(d);
	const char *force = draw_force(d);
	char name[40];

	if (draw_below(d, 3) != 0) {
		draw_line(d, "try on h%u hactl %s", at,
			  verbs[draw_below(d, 6)]);
		return;
	}
	sim_plan_name(d->plan, draw_below(d, PLAN_VARIANTS + 1), name,
		      sizeof(name));
	draw_line(d, "try on h%u hactl config apply %s%s", at, name, force);
}

const struct draw_deed draw_deeds[DRAW_KINDS] = {
	{ partition, 2 }, { cut, 3 }, { heal_net, 4 }, { kill_some, 2 },
	{ boot_some, 5 }, { stand_still, 1 }, { shutdown, 1 },
	{ reinstall, 1 }, { lose_some, 1 }, { crash, 4 }, { hang, 2 },
	{ bmc, 2 }, { disk, 1 }, { guest, 3 }, { of_vm, 4 }, { of_host, 2 },
	{ of_cluster, 2 }, { qdevice, 3 }, { bad_link, 1 }, { libvirt, 1 },
	{ clock_jumps, 1 }, { add_or_remove, 4 }, { upgrade, 3 },
	{ crash_in_step, 4 },
};
